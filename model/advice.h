// What the rules concluded: a verdict, the way through the flowchart, predictions and what to do.
#pragma once

#include <string>
#include <vector>

#include "model/profile.h"

namespace concadvise {

/// A closed range [low, high].
struct Interval {
  double low = 0;
  double high = 0;
};

/// Something that the program is not, and the number that says so.
struct RuledOut {
  std::string what;    // a verdict class or a model
  std::string reason;  // a sentence with the number
};

struct Verdict {
  std::string klass = "insufficient-data";  // JSON key `class`: cpu-bound, io-bound, lock-bound, oversubscribed, idle, mixed, insufficient-data
  std::string resource;                     // disk, network, ipc, timer, child; mutex, gil; one-core, all-cores, memory
  double confidence = 0;                    // 0..1
  std::string summary;                      // one sentence
  std::vector<std::string> confidence_why;  // what lowers it
  std::string nearest;                      // "what would change our mind": the nearest threshold
  std::vector<RuledOut> ruled_out;
};

/// One node of the flowchart as it was answered.
struct Step {
  std::string node;
  std::string question;
  std::string metric;
  double measured = 0;
  Interval interval;
  double threshold = 0;
  std::string unit;               // "share", "threads", "s" ...
  std::string answer;             // yes, no, not-enough-data
  double distance = 0;            // from the threshold, in the metric's unit, signed towards yes
  std::string flips;              // what would flip it, a sentence
  std::string source;             // of the threshold
  std::vector<std::string> evidence;
  std::string next;               // node or leaf that the answer leads to
};

struct Prediction {
  std::string model;
  std::string implementation;
  Interval wall_s;
  double gain_low = 1;            // measured wall over predicted, at the interval's ends
  double gain_high = 1;
  std::vector<std::string> assumptions;
  std::string verify;             // the command that checks it
  std::string limit;              // what bounds it: "the longest single wait, 1.00 s"
};

/// One thing to do.
struct Action {
  std::string title;
  std::string why;
  std::string where;              // function, file:line, library
  std::string sketch;             // code in the target's language
  std::string risk;
  std::string when_not;
  std::string verify;
  double gain = 0;                // expected share of wall time saved, 0..1
  double confidence = 0;
  std::string effort;             // small, medium, large
};

struct Advice {
  std::string model = "synchronous";  // async, threads, parallel, async+parallel, synchronous, unblock-loop, reduce-contention, reduce-threads, keep
  std::string implementation;         // "asyncio", "ThreadPoolExecutor, 5 workers", "std::thread over 2 cores" ...
  std::string summary;
  std::vector<Step> path;
  std::vector<RuledOut> ruled_out;    // the other models
  std::vector<Prediction> predictions;
  std::vector<Action> actions;        // best first
};

/// A measurement with its judgement: what is saved, loaded and rendered.
struct Session {
  Profile profile;
  Verdict verdict;
  Advice advice;
};

}  // namespace concadvise
