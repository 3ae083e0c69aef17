#include "error.h"
#include "ffmpeg.h"
#include <algorithm>
#include <cstring>
#include <mutex>

namespace sigma::media {
namespace {

constexpr size_t LogLimit = 400;
thread_local std::string logged;

void remember(void *source, int level, const char *format, va_list arguments) {
  if (level > AV_LOG_ERROR || logged.size() > LogLimit)
    return;
  char line[256];
  int prefix = 0;
  av_log_format_line2(source, level, format, arguments, line, sizeof line, &prefix);
  std::string text(line);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  // "[h264 @ 0x55…] words": the address helps nobody.
  if (auto at = text.find(" @ 0x"); !text.empty() && text[0] == '[' && at != std::string::npos)
    if (auto end = text.find(']', at); end != std::string::npos)
      text.erase(at, end - at);
  // Words of the file itself may be among them.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  if (text.empty() || logged.find(text) != std::string::npos)
    return;
  if (!logged.empty())
    logged += "; ";
  logged += text;
}

} // namespace

void capture_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(remember); });
}

void forget_log() { logged.clear(); }

std::string ffmpeg_words(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return logged.empty() ? std::string(text) : std::string(text) + " (" + logged + ")";
}

int checked(int code, sm_status status, const char *doing) {
  if (code < 0)
    throw MediaError(status, std::string(doing) + ": " + ffmpeg_words(code));
  return code;
}

void fill(sm_error *error, sm_status status, const char *text, int frame, int decoded) noexcept {
  if (!error)
    return;
  error->status = status;
  error->frame = frame;
  error->decoded = decoded;
  error->reserved = 0;
  size_t length = std::min(std::strlen(text), sizeof error->text - 1);
  // A UTF-8 character is not cut in the middle.
  while (length < std::strlen(text) && length > 0 && (text[length] & 0xC0) == 0x80)
    --length;
  std::memcpy(error->text, text, length);
  error->text[length] = 0;
}

} // namespace sigma::media
