// Blocking code that no loop runs.
// nothing here runs on a loop
#include <unistd.h>
#include <mutex>
#include <thread>
#include <functional>
#include <map>
#include <string>
#include <vector>
#include <condition_variable>
#include <chrono>
class Timer { public: void every(std::function<void()> f) { t_ = std::thread([this, f] { while (run_) { ::sleep(1); f(); } }); } ~Timer() { run_ = false; t_.join(); } std::thread t_; bool run_ = true; };
class Cache { std::mutex m_; std::map<std::string, int> v_; public: int get(const std::string& k) { std::lock_guard g(m_); return v_[k]; } void put(const std::string& k, int x) { std::unique_lock l(m_); v_[k] = x; l.unlock(); } };
class Q { std::mutex m_; std::condition_variable cv_; std::vector<int> v_; public: int pop() { std::unique_lock l(m_); cv_.wait(l, [&] { return !v_.empty(); }); int x = v_.back(); v_.pop_back(); return x; } bool try_pop(int& x, std::chrono::milliseconds d) { std::unique_lock l(m_); if (!cv_.wait_for(l, d, [&] { return !v_.empty(); })) return false; x = v_.back(); return true; } };
int connect_with_retry(const std::function<int()>& f) { for (int i = 0; i < 5; ++i) { int r = f(); if (r >= 0) return r; std::this_thread::sleep_for(std::chrono::seconds(1 << i)); } return -1; }
void rate_limited(std::vector<int>& v, void (*send)(int)) { for (int x : v) { send(x); std::this_thread::sleep_for(std::chrono::milliseconds(100)); } }
int main() { Timer t; t.every([] {}); ::sleep(3); std::thread a([] {}); std::thread b([] {}); a.join(); b.join(); }
