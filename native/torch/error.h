#pragma once
#include <c10/util/Exception.h>
#include <exception>
#include <string>

namespace sigma {
// The text behind st_last_error(), one a thread.
std::string &last_error();

// Runs `body`, and turns whatever it throws into status 1 and a message. libtorch's own messages carry a
// stack trace after their first lines; what_without_backtrace leaves it out.
template <typename Body> int guarded(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &e) {
    last_error() = e.what_without_backtrace();
  } catch (const std::exception &e) {
    last_error() = e.what();
  } catch (...) {
    last_error() = "an error of an unknown kind inside libtorch";
  }
  return 1;
}
} // namespace sigma
