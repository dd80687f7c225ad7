// Independent operations that are awaited one after the other, and steps that need their order.
#include <map>
#include <mutex>

#include "mini.h"
mini::Task<std::string> fetch(std::string host, std::string path);
mini::Task<int> ask(int id) {
  co_await mini::soon();
  co_return id;
}
mini::Task<int> at_once(int id) { co_return id; }
mini::Task<void> store(std::string text);
struct Connection {
  mini::Task<std::string> read();
  mini::Task<int> send(std::string text);
};
mini::Task<std::string> read_from(Connection& from, int bytes);
mini::Task<std::string> next_line();

mini::Task<std::string> page(std::string id) {
  auto head = co_await fetch("layout", "/head");  //~ serial-await
  auto body = co_await fetch("content", "/body/" + id);
  auto foot = co_await fetch("layout", "/foot");
  co_return head + body + foot;
}
mini::Task<int> sum() {
  const int a = co_await ask(1);  //~ serial-await
  const int b = co_await ask(2);
  co_return a + b;
}
mini::Task<std::vector<std::string>> all(std::vector<std::string> hosts) {
  std::vector<std::string> out;
  for (const auto& host : hosts) out.push_back(co_await fetch(host, "/"));  //~ serial-await
  co_return out;
}
mini::Task<int> total(std::vector<int> ids) {
  int n = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) n += co_await ask(ids[i]);  //~ serial-await
  co_return n;
}
struct reactor { mini::Task<void> readable(int fd); };
mini::Task<int> heard(reactor* loop, int fd) {
  co_await loop->readable(fd);
  co_return fd;
}
mini::Task<int> of_one_loop(reactor* loop, int left, int right) {
  const int a = co_await heard(loop, left);  //~ serial-await
  const int b = co_await heard(loop, right);
  co_return a + b;
}

// What follows uses what came before.
mini::Task<std::string> chain(std::string user) {
  auto token = co_await fetch("login", user);
  auto name = co_await fetch("names", "/who?" + token);
  co_return co_await fetch("mail", name);
}
int parse(const std::string& text);
mini::Task<int> nested() {
  auto count = co_await fetch("count", "/");
  auto last = co_await ask(parse(count));
  co_return last;
}
mini::Task<int> fold(std::vector<int> ids) {
  int last = 0;
  for (int id : ids) last = co_await ask(last + id);
  co_return last;
}
mini::Task<std::string> cursor(std::vector<std::string> hosts) {
  std::string from = "start";
  for (const auto& host : hosts) {
    auto answer = co_await fetch(host, from);
    from = answer.substr(1);
  }
  co_return from;
}
mini::Task<int> running(std::vector<int> ids) {
  for (std::size_t i = 1; i < ids.size(); ++i) ids[i] = co_await ask(ids[i - 1]);
  co_return ids.back();
}
// One connection takes its steps in order.
mini::Task<std::string> protocol(Connection& peer) {
  auto greeting = co_await peer.read();
  auto header = co_await peer.read();
  auto sent = co_await peer.send("hello");
  auto first = co_await read_from(peer, 4);
  auto rest = co_await read_from(peer, 100);
  co_return greeting + header + first + rest + std::to_string(sent);
}
mini::Task<int> send_all(Connection& peer, std::vector<std::string> lines) {
  int n = 0;
  for (auto& line : lines) n += co_await peer.send(line);
  co_return n;
}
mini::Task<std::string> lines() {
  auto first = co_await next_line();
  auto second = co_await next_line();
  co_return first + second;
}
// Stops at the first that fits, is there for its effect, or has nothing to wait for.
mini::Task<std::string> first_of(std::vector<std::string> hosts) {
  for (const auto& host : hosts) {
    auto answer = co_await fetch(host, "/");
    if (!answer.empty()) co_return answer;
  }
  co_return "";
}
mini::Task<void> effects(std::vector<std::string> texts) {
  co_await store("begin");
  co_await store("end");
  for (auto& text : texts) co_await store(text);
}
mini::Task<int> ready() {
  int a = co_await at_once(1);
  int b = co_await at_once(2);
  co_return a + b;
}
mini::Task<int> paced(std::vector<int> ids) {
  int n = 0;
  for (int id : ids) {
    n += co_await ask(id);
    co_await mini::soon();
  }
  co_return n;
}

// Methods that stand for operations: they only pause and give a result.
struct Reactor {
  mini::Task<void> sleep_for(int ms);
};
class Shop {
 public:
  explicit Shop(Reactor& r) : r_(r) {}
  mini::Task<int> price(int sku) {
    co_await r_.sleep_for(20);
    co_return sku;
  }
  mini::Task<int> stock(int sku) {
    co_await r_.sleep_for(20);
    co_return sku % 7;
  }

 private:
  Reactor& r_;
};
mini::Task<int> card(Shop& shop, int sku) {
  int cents = co_await shop.price(sku);  //~ serial-await
  int left = co_await shop.stock(sku);
  co_return cents + left;
}

// Both in one expression.
mini::Task<int> both_in_line() {
  co_return co_await ask(1) + co_await ask(2);  //~ serial-await
}
mini::Task<int> one_or_other() { co_return (co_await ask(1) != 0) ? co_await ask(2) : 0; }
mini::Task<int> one_then_other() {
  if (co_await ask(1) != 0) co_return 1;
  if (co_await ask(2) != 0) co_return 2;
  co_return 3;
}

// A thread that waits for one request after the other.
extern "C" {
int curl_easy_perform(void* handle);
int curl_easy_setopt(void* handle, int option, ...);
}
std::map<std::string, int> check(void* handle, const std::vector<std::string>& links) {
  std::map<std::string, int> status;
  for (const auto& link : links) {
    curl_easy_setopt(handle, 10002, link.c_str());
    status[link] = curl_easy_perform(handle);  //~ serial-await
  }
  return status;
}
int until_one_works(void* handle, const std::vector<std::string>& mirrors) {
  for (const auto& mirror : mirrors) {
    curl_easy_setopt(handle, 10002, mirror.c_str());
    if (curl_easy_perform(handle) == 0) return 1;
  }
  return 0;
}

// An operation of each item's own.
struct Node {
  mini::Task<void> drain();
  mini::Task<int> pause_for(int seconds);
};
mini::Task<void> drain_all(std::vector<Node>& nodes) {
  for (auto& node : nodes) co_await node.drain();  //~ serial-await
}
mini::Task<void> pause_all(std::vector<Node>& nodes) {
  for (auto& node : nodes) co_await node.pause_for(1);
}

// A coroutine that gives nothing, for each item by itself.
mini::Task<int> ask(std::string url);
mini::Task<void> check(std::string url) {
  if (co_await ask(url) >= 400) co_return;
}
mini::Task<void> check_all(std::vector<std::string> urls) {
  for (const auto& url : urls) co_await check(url);  //~ serial-await
}
