// Threads per item, and sets of workers.
#include <algorithm>
#include <array>
#include <functional>
#include <future>
#include <iterator>
#include <thread>
#include <vector>
#include <list>
#include <memory>
#include <string>
#include <pthread.h>
#include <sys/socket.h>
void handle(int);
void* body(void*);
void each_request(std::vector<std::string>& urls) {
  std::vector<std::future<void>> fs;
  for (auto& u : urls) fs.push_back(std::async(std::launch::async, [&u] { handle(u.size()); }));  //~ thread-per-task
  for (auto& f : fs) f.get();
}
void server(int l) {
  while (true) {
    int c = accept(l, nullptr, nullptr);
    std::thread t([c] { handle(c); });  //~ thread-per-task
    t.detach();
  }
}
void pthreads(int l) {
  for (;;) {
    int c = accept(l, nullptr, nullptr);
    pthread_t t;
    pthread_create(&t, nullptr, body, reinterpret_cast<void*>(static_cast<long>(c)));  //~ thread-per-task
    pthread_detach(t);
  }
}
void fixed(unsigned n) {
  std::vector<std::jthread> ts;
  for (unsigned i = 0; i < n; ++i) ts.emplace_back([i] { handle(i); });
}
void pair() { std::thread a(handle, 1), b(handle, 2); a.join(); b.join(); }
void jthreads(std::list<int> items) {
  std::vector<std::jthread> ts;
  for (int i : items) ts.emplace_back(handle, i);  //~ thread-per-task
}
void thousand() {
  std::vector<std::thread> ts;
  for (int i = 0; i < 1000; ++i) ts.push_back(std::thread(handle, i));  //~ thread-per-task
  for (auto& t : ts) t.join();
}
void on_message(std::function<void(std::function<void(int)>)> subscribe) {
  subscribe([](int m) { std::thread(handle, m).detach(); });  //~ [thread-per-task]
}
void start(int i) { std::thread(handle, i).detach(); }  //~ thread-per-task
void start_all(std::vector<int>& items) {
  for (int i : items) start(i);
}
struct Listener {
  void serve() {
    while (running) {
      int c = accept(fd, nullptr, nullptr);
      if (c >= 0) keep(c);
    }
  }
  void keep(int c) { open.emplace_back(handle, c); }  //~ thread-per-task
  void keep_pointer(int c) { owned.push_back(std::make_unique<std::jthread>([c] { handle(c); })); }  //~ thread-per-task
  void serve_pointers() {
    while (true) keep_pointer(accept(fd, nullptr, nullptr));
  }
  int fd = -1;
  bool running = true;
  std::vector<std::jthread> open;
  std::vector<std::unique_ptr<std::jthread>> owned;
};
// As many as somebody said, and one at a time.
struct Workers {
  explicit Workers(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) add();
  }
  void grow(std::size_t n) {
    while (threads.size() < n) more();
  }
  void three() {
    for (int i = 0; i < 3; ++i) third();
  }
  void add() { threads.emplace_back(handle, 1); }
  void more() { threads.emplace_back(handle, 2); }
  void third() { std::thread(handle, 3).detach(); }
  std::vector<std::jthread> threads;
};
void here(int i) { std::jthread one(handle, i); }
void in_turn(std::vector<int>& items) {
  for (int i : items) here(i);
}
void discarded(std::vector<int>& items) {
  for (int i : items) (void)std::async(std::launch::async, handle, i);  //~ discarded-async-future
}
// A lambda that an algorithm runs for each element is a loop's body; what it returns ends its round.
void transformed(const std::vector<int>& items) {
  std::vector<std::future<void>> fs;
  std::transform(items.begin(), items.end(), std::back_inserter(fs), [](int i) { return std::async(std::launch::async, handle, i); });  //~ thread-per-task
  for (auto& f : fs) f.get();
}
void for_each_of(const std::vector<int>& items) {
  std::for_each(items.cbegin(), items.cend(), [](int i) {
    if (i < 0) return;
    std::thread(handle, i).detach();  //~ thread-per-task
  });
  std::ranges::for_each(items, [](auto i) { std::thread(handle, i).detach(); });  //~ thread-per-task
}
void for_each_of_four() {
  const std::array<int, 4> rooms{1, 2, 3, 4};
  std::array<std::thread, 4> ts;
  std::for_each(rooms.begin(), rooms.end(), [&](int i) { ts[static_cast<std::size_t>(i - 1)] = std::thread(handle, i); });
  std::ranges::for_each(ts, [](std::thread& t) { t.join(); });
}
