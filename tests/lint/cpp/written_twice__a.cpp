// Classes that two source files of one program write out, instead of a header: what is only declared here is defined there.
#include "mini.h"
struct Feed { virtual ~Feed() = default; virtual int next(int) = 0; };
struct Wire { explicit Wire(int port); int peek() const; int send(int); int fd; };
Feed& feed();
mini::Task<int> talk(int port) {
  Wire w(port);  //~ blocking-in-coroutine
  co_await mini::soon();
  int sum = w.peek();
  sum += w.send(1);  //~ blocking-in-coroutine
  co_return sum + feed().next(2);  //~ blocking-in-coroutine
}
// Of this program's own overriders nothing else is asked.
struct Local { virtual ~Local() = default; virtual int get() = 0; };
struct Quick : Local { int get() override { return 1; } };
mini::Task<int> own(Local& l) { co_await mini::soon(); co_return l.get(); }
