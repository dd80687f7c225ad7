// Only in builds with the address sanitizer. The names are the sanitizer's, which calls these functions if there are any.
extern "C" {

// LLVM's allocators mark memory as forbidden in what is compiled here and do not lift that in the packaged libraries, which
// were compiled without the sanitizer; so their marks must not count.
const char* __asan_default_options() { return "allow_user_poisoning=0"; }  // NOLINT(bugprone-reserved-identifier)

// Clang keeps texts of diagnostics in memory that it frees without destroying what is in there.
const char* __lsan_default_suppressions() { return "leak:clang::DiagnosticStorage"; }  // NOLINT(bugprone-reserved-identifier)
}
