// Generators where they are iterated.
#include "mini.h"
#include <unistd.h>
#include <fstream>
mini::Sequence<int> slow(int n) { for (int i = 0; i < n; ++i) { ::usleep(5); co_yield i; } }
mini::Sequence<int> fast(int n) { for (int i = 0; i < n; ++i) co_yield i; }
mini::Task<int> t() { int s = 0; for (int x : slow(3)) s += x; co_return s; }  //~ blocking-in-coroutine
mini::Task<int> u() { int s = 0; for (int x : fast(3)) s += x; co_return s; }
mini::Task<int> man() { auto g = slow(3); auto it = g.begin(); int s = 0; while (it != g.end()) { s += *it; ++it; } co_return s; }  //~ blocking-in-coroutine
mini::Task<mini::Sequence<int>> make() { co_return slow(2); }
int main() { int s = 0; for (int x : slow(3)) s += x; return s; }
