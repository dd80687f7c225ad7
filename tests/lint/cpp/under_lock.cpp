// Waits while a lock is held, and after it.
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>
#include <condition_variable>
#include <sys/socket.h>
#include <netdb.h>
#include <unistd.h>
#include <future>
#include <pthread.h>
#include <fstream>
#include <map>
#include <functional>
#include <string>
class Mgr {
 public:
  void stop() { std::lock_guard g(m_); done_ = true; for (auto& t : ts_) t.join(); }  //~ blocking-under-lock
  void stop2() { { std::lock_guard g(m_); done_ = true; } for (auto& t : ts_) t.join(); }
  int lookup(const std::string& h) { std::unique_lock l(m_); addrinfo* r; return getaddrinfo(h.c_str(), 0, 0, &r); }  //~ blocking-under-lock
  void send(int fd) { std::scoped_lock l(m_); push(fd); }  //~ blocking-under-lock
  void push(int fd) { ::send(fd, "x", 1, 0); }
  void get(std::future<int>& f) { std::lock_guard<std::mutex> g(m_); v_ = f.get(); }  //~ blocking-under-lock
  void wait() { std::unique_lock l(m_); cv_.wait(l, [this] { return done_; }); }
  void quick() { std::lock_guard g(m_); v_++; map_["a"] = 1; }
  void raw() { pthread_mutex_lock(&pm_); ::usleep(10); pthread_mutex_unlock(&pm_); ::usleep(10); }  //~ blocking-under-lock
  void manual() { m_.lock(); ::sleep(1); m_.unlock(); ::sleep(1); }  //~ blocking-under-lock
  void shared() { std::shared_lock l(sm_); ::sleep(1); }  //~ blocking-under-lock
  void wr() { std::unique_lock l(sm_); ::sleep(1); }  //~ blocking-under-lock
  void tr() { std::unique_lock l(m_, std::try_to_lock); if (!l) return; ::sleep(1); }  //~ blocking-under-lock
  void deferred() { std::unique_lock l(m_, std::defer_lock); ::sleep(1); l.lock(); v_ = 2; }
  void log() { std::lock_guard g(m_); std::ofstream o("x"); o << 1; }
  void lam() { std::lock_guard g(m_); cb_ = [] { ::sleep(1); }; }
  void twolocks() { std::lock_guard g(m_); std::unique_lock l(m2_); cv_.wait(l, [this] { return done_; }); }  //~ blocking-under-lock
  std::mutex m_, m2_; std::shared_mutex sm_; pthread_mutex_t pm_; std::condition_variable cv_; bool done_ = false; int v_ = 0; std::vector<std::thread> ts_; std::map<std::string, int> map_; std::function<void()> cb_;
};

// A mutex and a thread of one call: who waits is who could want the lock.
void wait_for_own_thread(std::function<void(std::mutex&, bool&, std::condition_variable&)> work) {
  std::mutex own;
  bool done = false;
  std::condition_variable changed;
  std::unique_lock lock(own);
  std::thread worker([&] { work(own, done, changed); });
  changed.wait(lock, [&] { return done; });
  worker.join();
}
