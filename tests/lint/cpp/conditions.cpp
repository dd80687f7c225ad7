// Condition variables and loops that poll.
#include <condition_variable>
#include <mutex>
#include <atomic>
#include <thread>
#include <chrono>
#include <queue>
std::mutex m; std::condition_variable cv; bool ready; std::queue<int> q;
void bad() { std::unique_lock l(m); cv.wait(l); }  //~ wait-without-predicate
void bad_if() { std::unique_lock l(m); if (!ready) cv.wait(l); }  //~ wait-without-predicate
void timed_bad() { std::unique_lock l(m); cv.wait_for(l, std::chrono::seconds(1)); }  //~ wait-without-predicate
void good() { std::unique_lock l(m); cv.wait(l, [] { return ready; }); }
void good_loop() { std::unique_lock l(m); while (q.empty()) cv.wait(l); }
void good_timed() { std::unique_lock l(m); cv.wait_for(l, std::chrono::seconds(1), [] { return ready; }); }
void forever() { std::unique_lock l(m); for (;;) { if (!q.empty()) return; cv.wait(l); } }
void dowhile() { std::unique_lock l(m); do { cv.wait(l); } while (!ready); }
std::atomic<bool> stop; std::atomic<int> state;
void spin() { while (!stop.load()) std::this_thread::yield(); }  //~ sleep-polling
void sleepy() { while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(10)); }  //~ sleep-polling
void sleepy2() { do { std::this_thread::sleep_for(std::chrono::milliseconds(10)); } while (state != 3); }  //~ sleep-polling
void sleepy3() { while (true) { if (stop) break; std::this_thread::sleep_for(std::chrono::milliseconds(10)); } }  //~ sleep-polling
void locked_poll() { for (;;) { { std::lock_guard g(m); if (ready) return; } std::this_thread::sleep_for(std::chrono::milliseconds(5)); } }  //~ sleep-polling
int try_it();
void retry() { for (int i = 0; i < 5; ++i) { if (try_it() == 0) return; std::this_thread::sleep_for(std::chrono::milliseconds(100 << i)); } }
void retry2() { while (try_it() != 0) std::this_thread::sleep_for(std::chrono::seconds(1)); }
void ticker() { while (!stop) { try_it(); std::this_thread::sleep_for(std::chrono::seconds(1)); } }
