#include "stride_mark.h"
#include <cstdio>

namespace sigma::media {
namespace {

constexpr const char *Words = "packed for stride %d, %d frames, a key frame every %d";

} // namespace

StrideMark StrideMark::of(const AVFormatContext &format) {
  const AVDictionaryEntry *comment = av_dict_get(format.metadata, "comment", nullptr, 0);
  StrideMark mark;
  const bool said =
      comment && std::sscanf(comment->value, Words, &mark.stride, &mark.frames, &mark.keys) == 3;
  const bool sensible = said && mark.stride > 1 && mark.stride < 1000 && mark.frames > 0 &&
                        mark.frames % mark.stride == 1 && mark.keys > 0 && mark.keys % mark.stride == 0;
  return sensible ? mark : StrideMark();
}

void StrideMark::write(AVFormatContext &format) const {
  char words[128];
  std::snprintf(words, sizeof words, Words, stride, frames, keys);
  av_dict_set(&format.metadata, "comment", words, 0);
}

} // namespace sigma::media
