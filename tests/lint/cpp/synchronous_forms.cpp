// Functions of libuv that take a callback, and wait where they get none.
#include <cstddef>
extern "C" {
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_timer_s uv_timer_t;
typedef struct uv_fs_s uv_fs_t;
typedef struct uv_getaddrinfo_s uv_getaddrinfo_t;
struct addrinfo;
uv_loop_t* uv_default_loop(void);
int uv_timer_start(uv_timer_t*, void (*)(uv_timer_t*), unsigned long, unsigned long);
int uv_getaddrinfo(uv_loop_t*, uv_getaddrinfo_t*, void (*)(uv_getaddrinfo_t*, int, struct addrinfo*), const char*, const char*, const struct addrinfo*);
int uv_fs_unlink(uv_loop_t*, uv_fs_t*, const char*, void (*)(uv_fs_t*));
}
static void resolved(uv_getaddrinfo_t*, int, addrinfo*) {}
static void gone(uv_fs_t*) {}
static uv_getaddrinfo_t* query;
static uv_fs_t* request;
static void tick(uv_timer_t*) {
  uv_getaddrinfo(uv_default_loop(), query, resolved, "db", "80", nullptr);
  uv_getaddrinfo(uv_default_loop(), query, nullptr, "db", "80", nullptr);  //~ blocking-in-callback
  uv_fs_unlink(uv_default_loop(), request, "/tmp/x", gone);
  uv_fs_unlink(uv_default_loop(), request, "/tmp/x", NULL);  //~ file-io-in-async
}
void start(uv_timer_t* timer) { uv_timer_start(timer, tick, 10, 10); }
