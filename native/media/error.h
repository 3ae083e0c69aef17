// Failures inside this library travel as MediaError and become an sm_error at the border.
#pragma once
#include "sigma_media.h"
#include <stdexcept>
#include <string>

namespace sigma::media {

struct MediaError : std::runtime_error {
  MediaError(sm_status status, const std::string &text, int frame = 0, int decoded = 0)
      : std::runtime_error(text), status(status), frame(frame), decoded(decoded) {}
  sm_status status;
  int frame, decoded;
};

// FFmpeg's words for a code, with the last errors it logged on this thread, which say more.
std::string ffmpeg_words(int code);

// Throws when an FFmpeg call returned a negative code.
int checked(int code, sm_status status, const char *doing);

// Keeps FFmpeg's log off standard error and remembers its errors for ffmpeg_words.
void capture_log();
void forget_log();

// Runs the body of an export: whatever it throws ends in *error.
template <typename Body> int32_t guarded(sm_error *error, Body body) noexcept;
void fill(sm_error *error, sm_status status, const char *text, int frame, int decoded) noexcept;

template <typename Body> int32_t guarded(sm_error *error, Body body) noexcept {
  try {
    capture_log();
    forget_log();
    body();
    return SM_OK;
  } catch (const MediaError &e) {
    fill(error, e.status, e.what(), e.frame, e.decoded);
    return e.status;
  } catch (const std::bad_alloc &) {
    fill(error, SM_FAILED, "out of memory", 0, 0);
  } catch (const std::exception &e) {
    fill(error, SM_FAILED, e.what(), 0, 0);
  } catch (...) {
    fill(error, SM_FAILED, "unknown failure", 0, 0);
  }
  return SM_FAILED;
}

} // namespace sigma::media
