// A server on Asio with a blocking call where none belongs: each request loads a profile by a helper that sleeps on the loop's thread.
// Serves so many requests and ends. asio_server REQUESTS; prints its port.
#include <asio.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using asio::ip::tcp;

void load_profile() { std::this_thread::sleep_for(std::chrono::milliseconds(60)); }

asio::awaitable<void> handle(tcp::socket socket) {
  std::string line;
  co_await asio::async_read_until(socket, asio::dynamic_buffer(line), '\n', asio::use_awaitable);
  load_profile();
  co_await asio::async_write(socket, asio::buffer(std::string("ok\n")), asio::use_awaitable);
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, int requests) {
  for (int i = 0; i < requests; ++i)
    asio::co_spawn(acceptor.get_executor(), handle(co_await acceptor.async_accept(asio::use_awaitable)), asio::detached);
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context, serve(acceptor, argc > 1 ? std::atoi(argv[1]) : 1), asio::detached);
  context.run();
}
