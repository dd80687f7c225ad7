// Programs that wait for a block device. They work on ./data (set up by the runner) and on files they make beside it.
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

constexpr std::size_t kPage = 4096;

class File {
 public:
  explicit File(int flags, const char* path = "data") : fd_(open(path, flags | O_CLOEXEC, 0600)) { must(fd_ >= 0, path); }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  std::size_t size() const {
    struct stat info {};
    must(fstat(fd_, &info) == 0, "fstat");
    return static_cast<std::size_t>(info.st_size);
  }

 private:
  int fd_;
};

off_t random_page(std::uint64_t& state, std::size_t size) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return static_cast<off_t>((state >> 20) % (size / kPage) * kPage);
}

void write_and_sync(double seconds, int name) {
  char path[32];
  std::snprintf(path, sizeof path, "sync-%d-%d", getpid(), name);
  {
    const File file(O_RDWR | O_CREAT | O_TRUNC, path);
    const std::vector<char> block(64 * kPage, 'x');  // enough for the device's time to outweigh the copy, on any device
    const double end = now_s() + seconds;
    for (off_t at = 0; now_s() < end; at += static_cast<off_t>(block.size())) {
      must(pwrite(file.fd(), block.data(), block.size(), at % (4 << 20)) > 0, "pwrite");
      must(fdatasync(file.fd()) == 0, "fdatasync");
    }
  }
  unlink(path);
}

void sync_writes(double seconds) { write_and_sync(seconds, 0); }

void sync_pool(double seconds) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(write_and_sync, seconds, i);
  for (std::thread& thread : threads) thread.join();
}

void direct_reads(double seconds) {
  const File file(O_RDONLY | O_DIRECT);
  void* buffer = std::aligned_alloc(kPage, kPage);
  const std::size_t size = file.size();
  std::uint64_t state = 1;
  for (const double end = now_s() + seconds; now_s() < end;) {
    must(pread(file.fd(), buffer, kPage, random_page(state, size)) > 0, "pread");
  }
  std::free(buffer);
}

// The page cache is emptied again and again; each touch of the mapping is a major fault.
void cold_mapping(double seconds) {
  const File file(O_RDONLY);
  const std::size_t size = file.size();
  std::uint64_t state = 1;
  std::uint64_t sum = 0;
  for (const double end = now_s() + seconds; now_s() < end;) {
    posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED);
    void* map = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.fd(), 0);
    must(map != MAP_FAILED, "mmap");
    madvise(map, size, MADV_RANDOM);
    const double until = now_s() + 0.5;
    while (now_s() < until) sum += static_cast<unsigned char*>(map)[random_page(state, size)];
    munmap(map, size);
  }
  g_sink = sum;
}

// Kernel AIO: the wait is in io_getevents.
void kernel_aio(double seconds) {
  constexpr int kDepth = 4;
  const File file(O_RDONLY | O_DIRECT);
  const std::size_t size = file.size();
  aio_context_t context = 0;
  must(syscall(SYS_io_setup, kDepth, &context) == 0, "io_setup");
  iocb requests[kDepth] = {};
  std::uint64_t state = 1;
  for (iocb& request : requests) {
    request.aio_fildes = static_cast<std::uint32_t>(file.fd());
    request.aio_lio_opcode = IOCB_CMD_PREAD;
    request.aio_buf = reinterpret_cast<std::uint64_t>(std::aligned_alloc(kPage, kPage));
    request.aio_nbytes = kPage;
    request.aio_offset = random_page(state, size);
    iocb* one = &request;
    must(syscall(SYS_io_submit, context, 1, &one) == 1, "io_submit");
  }
  for (const double end = now_s() + seconds; now_s() < end;) {
    io_event done[kDepth] = {};
    const long count = syscall(SYS_io_getevents, context, 1, kDepth, done, nullptr);
    must(count > 0, "io_getevents");
    for (long i = 0; i < count; ++i) {
      iocb* one = reinterpret_cast<iocb*>(done[i].obj);
      one->aio_offset = random_page(state, size);
      must(syscall(SYS_io_submit, context, 1, &one) == 1, "io_submit");
    }
  }
}

// Group commit: eight writers wait on a condition variable for the one that syncs.
void group_commit(double seconds) {
  std::mutex mutex;
  std::condition_variable committed;
  std::condition_variable pending;
  std::uint64_t wanted = 0;
  std::uint64_t done = 0;
  bool stop = false;
  std::thread flusher([&] {
    char path[32];
    std::snprintf(path, sizeof path, "commit-%d", getpid());
    const File file(O_RDWR | O_CREAT | O_TRUNC, path);
    std::unique_lock lock(mutex);
    for (;;) {
      pending.wait(lock, [&] { return stop || wanted > done; });
      if (stop) break;
      const std::uint64_t upto = wanted;
      lock.unlock();
      must(pwrite(file.fd(), &upto, sizeof upto, 0) > 0 && fdatasync(file.fd()) == 0, "commit");
      lock.lock();
      done = upto;
      committed.notify_all();
    }
    unlink(path);
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&] {
      for (const double end = now_s() + seconds; now_s() < end;) {
        std::unique_lock lock(mutex);
        const std::uint64_t mine = ++wanted;
        pending.notify_one();
        committed.wait(lock, [&] { return done >= mine; });
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  {
    std::lock_guard lock(mutex);
    stop = true;
  }
  pending.notify_all();
  flusher.join();
}

}  // namespace

int main(int argc, char** argv) {
  return run_scenario({{"sync-writes", sync_writes}, {"sync-pool", sync_pool}, {"direct-reads", direct_reads},
                       {"cold-mapping", cold_mapping}, {"kernel-aio", kernel_aio}, {"group-commit", group_commit}},
                      argc, argv);
}
