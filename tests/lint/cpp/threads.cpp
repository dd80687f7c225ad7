// Threads per item, and sets of workers.
#include <functional>
#include <future>
#include <thread>
#include <vector>
#include <list>
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
