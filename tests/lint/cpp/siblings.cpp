// Synchronous functions beside asynchronous twins.
#include "mini.h"

class Store {
 public:
  std::string get(const std::string& key);
  mini::Task<std::string> async_get(const std::string& key);
  bool put(const std::string& key, int value);
  mini::Task<bool> put_async(const std::string& key, int value);
  void flush();
  void async_flush(std::function<void(bool)> done);
  // No twins: another number of parameters, a getter, something that only posts.
  void note(const std::string& text);
  mini::Task<void> note_async(const std::string& text, int priority);
  const std::function<void()>& callback() const;
  const std::function<void(int)>& asyncCallback() const;
  void close();
  void async_close();
  mini::Task<int> both();
  mini::Task<int> async_both();
};

class Sharded : public Store {
 public:
  std::string first(int shard);
};

namespace bus {
int publish(const std::string& topic, int value);
mini::Task<int> co_publish(const std::string& topic, int value);
int peers();
mini::Task<int> peers_of(int node);
}  // namespace bus

mini::Task<int> uses(Store& store, Sharded& sharded) {
  co_await mini::soon();
  std::string value = store.get("a");  //~ async-sibling
  value += co_await store.async_get("b");
  if (!store.put("a", 1)) co_return 0;  //~ async-sibling
  store.flush();  //~ async-sibling
  value += sharded.get("c");  //~ async-sibling
  store.note("written");
  store.callback()();
  store.close();
  co_await store.both();
  bus::peers();
  co_return bus::publish("topic", static_cast<int>(value.size()));  //~ async-sibling
}

std::string plainly(Store& store) { return store.get("a"); }
