// The blocking call is in the other unit; a function of the same name that only that unit sees is another one.
#include "mini.h"
int ask_server(int id);
static int lookup(int id) { return id + 1; }
mini::Task<int> user(int id) {
  int quick = lookup(id);
  co_return quick + ask_server(id);  //~ blocking-in-coroutine
}
