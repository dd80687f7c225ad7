// Files of all interfaces, and streams that are memory.
#include "mini.h"
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>
namespace fs = std::filesystem;
mini::Task<long> files(std::string p) {
  std::FILE* f = std::fopen(p.c_str(), "r");  //~ blocking-in-coroutine
  char b[64];
  long n = std::fread(b, 1, sizeof b, f);  //~ blocking-in-coroutine
  std::ofstream out(p + ".new");  //~ blocking-in-coroutine
  struct stat st;
  if (::stat(p.c_str(), &st) == 0) n += st.st_size;  //~ blocking-in-coroutine
  if (fs::exists(p)) n += fs::file_size(p);  //~ blocking-in-coroutine
  fs::path q = fs::path(p) / "sub";
  n += q.string().size() + q.filename().string().size();
  int fd = ::open(p.c_str(), O_RDONLY);  //~ blocking-in-coroutine
  ::fsync(fd);  //~ blocking-in-coroutine
  co_return n;
}
mini::Task<int> in_memory(std::string text) {
  std::istringstream in(text);
  std::ostringstream out;
  int v = 0;
  while (in >> v) out << v;
  std::cout << "done\n";
  std::printf("x\n");
  std::string line;
  std::getline(in, line);
  co_return v;
}
