#include "profiler/waits/syscalls.h"

#include <sys/syscall.h>

#include <unordered_map>

namespace concadvise {
namespace {

#define ROW(name, blocks) {SYS_##name, #name, Blocks::blocks},

constexpr BlockingCall kCalls[] = {
    ROW(read, descriptor) ROW(readv, descriptor) ROW(pread64, descriptor) ROW(preadv, descriptor)
    ROW(preadv2, descriptor) ROW(recvfrom, descriptor) ROW(recvmsg, descriptor) ROW(recvmmsg, descriptor)
    ROW(write, descriptor_to) ROW(writev, descriptor_to) ROW(pwrite64, descriptor_to) ROW(pwritev, descriptor_to)
    ROW(pwritev2, descriptor_to) ROW(sendto, descriptor_to) ROW(sendmsg, descriptor_to) ROW(sendmmsg, descriptor_to)
    ROW(sendfile, descriptor_to) ROW(splice, descriptor) ROW(tee, descriptor) ROW(vmsplice, descriptor_to)
    ROW(copy_file_range, files) ROW(fsync, files) ROW(fdatasync, files) ROW(sync, files) ROW(syncfs, files)
    ROW(sync_file_range, files) ROW(msync, files) ROW(fallocate, files) ROW(ftruncate, files) ROW(truncate, files)
    ROW(openat, files) ROW(close, files) ROW(newfstatat, files) ROW(fstat, files) ROW(statx, files)
    ROW(getdents64, files) ROW(unlinkat, files) ROW(renameat2, files) ROW(mkdirat, files) ROW(linkat, files)
    ROW(symlinkat, files) ROW(readlinkat, files) ROW(faccessat, files) ROW(fchmodat, files) ROW(utimensat, files)
    ROW(fadvise64, files) ROW(readahead, files) ROW(execve, files) ROW(statfs, files) ROW(getxattr, files)
    ROW(lgetxattr, files) ROW(fgetxattr, files) ROW(lseek, files)
    ROW(ppoll, poll) ROW(pselect6, select) ROW(epoll_pwait, epoll)
#ifdef SYS_epoll_pwait2
    ROW(epoll_pwait2, epoll)
#endif
    ROW(nanosleep, sleep) ROW(clock_nanosleep, sleep) ROW(futex, futex) ROW(wait4, child) ROW(waitid, child)
    ROW(accept, accept) ROW(accept4, accept) ROW(connect, connect) ROW(flock, lock) ROW(fcntl, fcntl)
    ROW(io_getevents, block_io) ROW(io_submit, block_io)
#ifdef SYS_io_pgetevents
    ROW(io_pgetevents, block_io)
#endif
    ROW(io_uring_enter, ring) ROW(rt_sigsuspend, signal) ROW(rt_sigtimedwait, signal_timed)
    ROW(msgrcv, message) ROW(msgsnd, message) ROW(semop, semaphore) ROW(semtimedop, semaphore) ROW(mq_timedreceive, message)
    ROW(mq_timedsend, message) ROW(ioctl, device)
#ifdef __x86_64__
    ROW(poll, poll) ROW(select, select) ROW(epoll_wait, epoll) ROW(pause, signal) ROW(open, files) ROW(creat, files)
    ROW(stat, files) ROW(lstat, files) ROW(access, files) ROW(unlink, files) ROW(rename, files) ROW(renameat, files)
    ROW(mkdir, files) ROW(rmdir, files) ROW(link, files) ROW(symlink, files) ROW(readlink, files) ROW(chmod, files)
    ROW(getdents, files) ROW(vfork, child)
#endif
};

#undef ROW

}  // namespace

const BlockingCall& blocking_call(int number) {
  static const auto table = [] {
    std::unordered_map<int, const BlockingCall*> rows;
    for (const BlockingCall& call : kCalls) rows.emplace(call.number, &call);
    return rows;
  }();
  static constexpr BlockingCall unknown{-1, "", Blocks::never};
  const auto found = table.find(number);
  return found == table.end() ? unknown : *found->second;
}

}  // namespace concadvise
