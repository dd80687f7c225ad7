#include <netdb.h>
#include <unistd.h>
struct Feed { virtual ~Feed() = default; virtual int next(int) = 0; };
struct Wire { explicit Wire(int port); int peek() const; int send(int); int fd; };
struct Local { virtual ~Local() = default; virtual int get() = 0; };
Wire::Wire(int port) : fd(port) { addrinfo* found = nullptr; if (::getaddrinfo("db", nullptr, nullptr, &found) == 0) ::freeaddrinfo(found); }
int Wire::peek() const { return fd; }
int Wire::send(int k) { ::sleep(1); return k; }
namespace { struct Slow : Feed { int next(int k) override { ::sleep(1); return k; } }; }
Feed& feed() { static Slow slow; return slow; }
struct Late : Local { int get() override { ::sleep(1); return 2; } };
int late() { Late l; return l.get(); }
