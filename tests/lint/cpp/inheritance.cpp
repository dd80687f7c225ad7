// Overrides, final classes, template methods and CRTP.
#include "mini.h"
#include <unistd.h>
struct Backend { virtual ~Backend() = default; virtual int load(int) = 0; virtual void ping() {} };
struct Disk final : Backend { int load(int k) override { ::sleep(1); return k; } };
struct Base { virtual void step() { } void run() { step(); } virtual ~Base() = default; };
struct Slow : Base { void step() override { ::usleep(100); } };
struct Quick : Base { void step() override { } };
mini::Task<int> use(std::unique_ptr<Backend> b) {
  b->ping();
  co_return b->load(3);  //~ blocking-in-coroutine
}
mini::Task<void> template_method(Slow& s) { s.run(); co_return; }  //~ blocking-in-coroutine
mini::Task<void> exact() { Quick q; q.step(); co_return; }
mini::Task<void> qualified(Slow& s) { s.Base::step(); co_return; }
template <class D> struct Crtp { void go() { static_cast<D*>(this)->impl(); } };
struct A : Crtp<A> { void impl() { ::sleep(1); } };
struct B : Crtp<B> { void impl() { } };
mini::Task<void> crtp(A a, B b) {
  a.go();  //~ blocking-in-coroutine
  b.go();
  co_return;
}

// Named by its class, whatever the object is.
struct Sink { virtual ~Sink() = default; virtual void flush() {} };
struct Tape : Sink { void flush() override { ::sleep(1); } };
mini::Task<void> parks() {
  Tape tape;
  tape.Sink::flush();
  tape.flush();  //~ blocking-in-coroutine
  co_return;
}
