// Handlers of timers that are set again until something has changed.
#include <chrono>
#include <system_error>
namespace asio {
class io_context {};
template <typename Clock>
class basic_waitable_timer {
 public:
  explicit basic_waitable_timer(io_context& context);
  std::size_t expires_after(std::chrono::milliseconds duration);
  std::size_t expires_at(std::chrono::steady_clock::time_point time);
  template <typename Handler>
  void async_wait(Handler&& handler);
};
using steady_timer = basic_waitable_timer<std::chrono::steady_clock>;
}  // namespace asio
using namespace std::chrono_literals;
void brake_test();
void beat();
class Drive {
 public:
  explicit Drive(asio::io_context& io) : timer_(io) {}
  void on_stopped() { stopped_ = true; }
  void watch() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](std::error_code) { if (!stopped_) watch(); });  //~ sleep-polling
  }
  void watch_then_test() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](std::error_code failed) {  //~ sleep-polling
      if (failed) return;
      if (stopped_)
        brake_test();
      else
        watch_then_test();
    });
  }
  void watch_and_leave() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](std::error_code) {  //~ sleep-polling
      if (!stopped_) {
        watch_and_leave();
        return;
      }
      brake_test();
    });
  }
  // Nothing but another's cancel() ends this wait.
  void wait_for_news() {
    timer_.async_wait([this](std::error_code) {
      if (!stopped_) {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        wait_for_news();
      } else {
        brake_test();
      }
    });
  }
  // Does something in each round until it is stopped.
  void beat_until_stopped() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](std::error_code) {
      if (stopped_) return;
      beat();
      beat_until_stopped();
    });
  }
  void beat_or_test() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](std::error_code) {
      if (stopped_) {
        brake_test();
      } else {
        beat();
        beat_or_test();
      }
    });
  }

 private:
  asio::steady_timer timer_;
  bool stopped_ = false;
};
