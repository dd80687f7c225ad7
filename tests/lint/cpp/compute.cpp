// Computing on a loop.
#include "mini.h"
#include <cmath>
#include <string>
#include <algorithm>
#include <zlib.h>
struct M { std::vector<std::vector<double>> a; size_t n() const { return a.size(); } };
mini::Task<M> mul(M x, M y) {
  M r = x;
  for (size_t i = 0; i < x.n(); ++i)  //~ compute-in-async
    for (size_t j = 0; j < x.n(); ++j) { double s = 0; for (size_t k = 0; k < x.n(); ++k) s += x.a[i][k] * y.a[k][j]; r.a[i][j] = s; }
  co_return r;
}
long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
mini::Task<long> f(int n) { co_await mini::soon(); co_return fib(n); }  //~ compute-in-async
mini::Task<int> zip(const std::vector<unsigned char> in) { std::vector<unsigned char> o(in.size()); uLongf n = o.size(); co_return compress(o.data(), &n, in.data(), in.size()); }  //~ compute-in-async
mini::Task<int> small() { int t[3][3]; int s = 0; for (int i = 0; i < 3; ++i) for (int j = 0; j < 3; ++j) s += t[i][j] = i * j; co_return s; }
mini::Task<void> yields(long n) { for (long i = 0; i < n; ++i) { double s = 0; for (int j = 0; j < 100; ++j) s += std::sqrt(j); co_await mini::soon(); } }
mini::Task<void> fmt(std::vector<std::string> names) { std::string s; for (auto& n : names) s += n; co_return; }
mini::Task<long> pooled(mini::Crew& p, int n) { co_await p.hop(); co_return fib(n); }
mini::Task<long> mine(long limit) { long h = 0; for (long i = 0; i < 100'000'000; ++i) h = h * 31 + i; co_return h + limit; }  //~ compute-in-async

// What an object has gathered may be large, however far away it is compressed; what comes as an argument is not known to be.
class Backlog {
 public:
  void add(const std::string& record) { records_ += record; }
  std::vector<unsigned char> pack() const {
    std::vector<unsigned char> out(records_.size());
    uLongf size = out.size();
    compress(out.data(), &size, reinterpret_cast<const Bytef*>(records_.data()), records_.size());
    return out;
  }
  void ship() { frame_ = pack(); }

 private:
  std::string records_;
  std::vector<unsigned char> frame_;
};
mini::Task<void> ship(Backlog& backlog) {
  co_await mini::soon();
  backlog.ship();  //~ compute-in-async
}

// As many rounds as a byte can count.
struct Ranges { unsigned char count; unsigned char lengths[255]; };
mini::Task<long> acknowledge(const Ranges ranges) {
  long sum = 0;
  for (int i = 0; i < ranges.count; ++i)
    for (unsigned char j = 0; j < ranges.lengths[i]; ++j) sum += j * i;
  co_await mini::soon();
  co_return sum;
}

// One pass over the text, however the loops stand.
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
mini::Task<long> sum_numbers(std::string text) {
  co_await mini::soon();
  long sum = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    long number = 0;
    while (at < text.size() && is_digit(text[at])) number = number * 10 + (text[at++] - '0');
    while (at < text.size() && !is_digit(text[at])) ++at;
    sum += number;
  }
  co_return sum;
}
mini::Task<int> sorted(std::vector<int> items) {
  co_await mini::soon();
  bool moved = true;
  while (moved) {  //~ compute-in-async
    moved = false;
    for (std::size_t i = 1; i < items.size(); ++i)
      if (items[i] < items[i - 1]) {
        const int other = items[i] + 0;
        items[i] = items[i - 1];
        items[i - 1] = other;
        moved = true;
      }
  }
  co_return items.front();
}
