// Lambdas without captures that are given as function pointers, to C libraries and to functions of the sources.
#include <cstdlib>
#include <functional>

extern "C" {
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_work_s uv_work_t;
typedef struct uv_signal_s uv_signal_t;
int uv_signal_start(uv_signal_t*, void (*)(uv_signal_t*, int), int);
int uv_queue_work(uv_loop_t*, uv_work_t*, void (*)(uv_work_t*), void (*)(uv_work_t*, int));
struct evhttp;
struct evhttp_request;
void evhttp_set_gencb(evhttp*, void (*)(evhttp_request*, void*), void*);
}
void run() { std::system("/usr/sbin/rotate-logs"); }

void on_signal(uv_signal_t* handle) {
  uv_signal_start(handle, [](uv_signal_t*, int) { run(); }, 1);   //~ blocking-in-callback
  uv_signal_start(handle, +[](uv_signal_t*, int) { run(); }, 2);  //~ blocking-in-callback
}
// The work runs on a thread of the library's pool, and nothing here runs it in place.
void on_timer(uv_signal_t*, int);
void hand_on(uv_loop_t* loop, uv_work_t* work) {
  uv_queue_work(loop, work, [](uv_work_t*) { run(); }, [](uv_work_t*, int) {});
}
uv_loop_t* the_loop;
uv_work_t* the_work;
void on_timer(uv_signal_t*, int) { hand_on(the_loop, the_work); }
void start(uv_signal_t* handle) { uv_signal_start(handle, on_timer, 3); }

struct Server {
  std::function<void()> hook;
  explicit Server(evhttp* http) {
    hook = [] { run(); };
    evhttp_set_gencb(http, [](evhttp_request*, void* self) { static_cast<Server*>(self)->other(); }, this);  //~ blocking-in-callback
  }
  void other() { hook(); }
};
void serve(evhttp* http) {
  static Server server(http);
  evhttp_set_gencb(
      http,
      [](evhttp_request*, void*) {
        server.other();  //~ blocking-in-callback
      },
      nullptr);
}
