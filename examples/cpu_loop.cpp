// Counts the primes below a limit on one thread.
//
// concadvise profile -- build/dev/examples/cpu_loop
//   cpu-bound / one-core: one thread is on a CPU all the time, the other CPUs have nothing to do.
//   Advice: parallel; the range falls into pieces that do not depend on each other. The hot spot is is_prime.
#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace {

bool is_prime(std::uint64_t n) {
  if (n < 4) return n > 1;
  if (n % 2 == 0) return false;
  for (std::uint64_t d = 3; d * d <= n; d += 2) {
    if (n % d == 0) return false;
  }
  return true;
}

std::uint64_t count_primes(std::uint64_t limit) {
  std::uint64_t count = 0;
  for (std::uint64_t n = 0; n < limit; ++n) count += is_prime(n) ? 1 : 0;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t limit = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 8'000'000;
  std::cout << count_primes(limit) << " primes below " << limit << "\n";
}
