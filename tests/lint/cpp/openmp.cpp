// OpenMP: a region runs on a team with a thread per core, and whoever starts it waits for its end.
#include <netdb.h>
#include <sys/socket.h>

#include <cmath>
#include <thread>
#include <vector>

#include "mini.h"

struct Host {
  const char* name = nullptr;
  bool up = false;
  double score = 0;
};

static bool reach(const Host& host) {
  addrinfo* found = nullptr;
  if (getaddrinfo(host.name, "22", nullptr, &found) != 0) return false;
  const int fd = socket(found->ai_family, SOCK_STREAM, 0);
  const bool up = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  return up;
}

void scan(std::vector<Host>& hosts) {
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < hosts.size(); ++i) hosts[i].up = reach(hosts[i]);  //~ io-in-compute-pool
}

void scan_in_parts(std::vector<Host>& hosts) {
#pragma omp parallel
  {
#pragma omp for
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      hosts[i].up = reach(hosts[i]);  //~ io-in-compute-pool
    }
  }
}

void scan_by_tasks(std::vector<Host>& hosts) {
#pragma omp parallel
#pragma omp single
  for (std::size_t i = 0; i < hosts.size(); ++i) {
#pragma omp task firstprivate(i)
    { hosts[i].up = reach(hosts[i]); }  //~ io-in-compute-pool
  }
}

void rate(std::vector<Host>& hosts) {
#pragma omp parallel for
  for (std::size_t i = 0; i < hosts.size(); ++i)
    for (int round = 0; round < 1000; ++round) hosts[i].score += std::sqrt(hosts[i].score + round);
}
