// Recursion, observers, visitors, fold expressions, C callbacks.
#include "mini.h"
#include <unistd.h>
int even(int); int odd(int n) { return n == 0 ? 0 : even(n - 1); }
int even(int n) { if (n == 7) ::sleep(1); return n == 0 ? 1 : odd(n - 1); }
int pureA(int); int pureB(int n) { return n ? pureA(n - 1) : 0; } int pureA(int n) { return n ? pureB(n - 1) : 1; }
mini::Task<int> t(int n) { int a = pureA(n); co_await mini::soon(); co_return a + odd(n); }  //~ blocking-in-coroutine
struct Node { std::vector<Node> kids; void visit(const std::function<void(Node&)>& f) { f(*this); for (auto& k : kids) k.visit(f); } };
mini::Task<void> walk(Node& n) {
  n.visit([](Node&) { ::usleep(1); });  //~ blocking-in-coroutine
  n.visit([](Node& k) { k.kids.clear(); });
  co_return;
}
struct Observer { virtual void notify() = 0; virtual ~Observer() = default; };
struct LogObs : Observer { void notify() override { ::usleep(3); } };
struct Subject { std::vector<Observer*> os; void fire() { for (auto* o : os) o->notify(); } };
mini::Task<void> subj(Subject& s) { s.fire(); co_return; }  //~ blocking-in-coroutine
template <class... F> void all(F&&... f) { (f(), ...); }
mini::Task<void> fold() { all([] {}, [] { ::usleep(1); }); co_return; }  //~ blocking-in-coroutine
struct Lazy { std::function<int()> f; int get() { return f(); } };
mini::Task<int> lz() { Lazy l{[] { ::usleep(1); return 1; }}; co_return l.get(); }  //~ blocking-in-coroutine
using Handler = void (*)(int);
Handler handlers[2];
void reg(Handler h) { handlers[0] = h; }
void h1(int) { ::usleep(1); }
void boot() { reg(h1); reg([](int x) { (void)x; }); }
mini::Task<void> call(int i) { handlers[i](i); co_return; }  //~ blocking-in-coroutine
extern "C" void c_hook(void (*cb)(void*), void* p) { cb(p); }
mini::Task<void> chook() { c_hook([](void*) { ::sleep(1); }, nullptr); co_return; }  //~ blocking-in-coroutine
struct Deleter { void operator()(FILE* f) const { ::pclose(f); } };
mini::Task<void> del(std::unique_ptr<FILE, Deleter> f) { f.reset(); co_return; }  //~ blocking-in-coroutine
mini::Task<void> scope() { struct G { ~G() { ::usleep(1); } } g; co_await mini::soon(); }  //~ blocking-in-coroutine
