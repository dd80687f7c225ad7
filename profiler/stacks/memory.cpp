#include "profiler/stacks/memory.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace concadvise {

void Memory::read_many(std::span<MemoryRequest> requests) {
  for (MemoryRequest& request : requests) request.got = read(request.address, request.into);
}

std::size_t ProcessMemory::read(std::uint64_t address, std::span<std::byte> into) {
  MemoryRequest request{address, into};
  read_many(std::span(&request, 1));
  return request.got;
}

// One call reads pieces in order and stops at the first that faults, possibly in its middle. The rest is asked for again
// behind it, so every call settles at least one piece.
void ProcessMemory::read_many(std::span<MemoryRequest> requests) {
  constexpr std::size_t kPiecesPerCall = 64;
  std::array<iovec, kPiecesPerCall> local;
  std::array<iovec, kPiecesPerCall> remote;
  while (!requests.empty()) {
    const std::size_t pieces = std::min(requests.size(), kPiecesPerCall);
    for (std::size_t i = 0; i < pieces; ++i) {
      local[i] = {requests[i].into.data(), requests[i].into.size()};
      // The kernel's interface takes addresses of the other process as pointers.
      remote[i] = {reinterpret_cast<void*>(requests[i].address), requests[i].into.size()};
      requests[i].got = 0;
    }
    ++calls_;
    const ssize_t result = process_vm_readv(pid_, local.data(), pieces, remote.data(), pieces, 0);
    std::size_t left = result > 0 ? static_cast<std::size_t>(result) : 0;
    std::size_t settled = 0;
    while (settled < pieces) {
      MemoryRequest& request = requests[settled];
      request.got = std::min(left, request.into.size());
      left -= request.got;
      ++settled;
      if (request.got < request.into.size()) break;
    }
    if (requests[settled - 1].got == 0 && !requests[settled - 1].into.empty()) ++failures_;
    requests = requests.subspan(settled);
  }
}

}  // namespace concadvise
