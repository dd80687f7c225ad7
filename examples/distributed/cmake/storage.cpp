#include "storage.h"

#include <chrono>
#include <thread>

// Nothing is wrong with waiting here, as long as no event loop calls it.
void flush_to_storage() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
