// Damages videos at random and reads each the way the program does, to be built with sanitizers; see
// README.md.
#include "sigma_media.h"
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;

constexpr int BatchSize = 200;
constexpr int SecondsPerFile = 20; // of the processor; sanitized code is slow

size_t below(Random &random, size_t end) { return end == 0 ? 0 : random() % end; }

Bytes load(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void save(const std::string &path, const Bytes &bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

struct Original {
  Bytes bytes;
  std::vector<size_t> places;
};

// Places behind the names of boxes and chunks, whose lengths, counts and tables are worth lying about.
std::vector<size_t> structure(const Bytes &bytes) {
  static const char *names[] = {"moov",
                                "mvhd",
                                "trak",
                                "tkhd",
                                "mdia",
                                "mdhd",
                                "stsd",
                                "avcC",
                                "hvcC",
                                "av1C",
                                "esds",
                                "pasp",
                                "stts",
                                "ctts",
                                "stss",
                                "stsc",
                                "stsz",
                                "stco",
                                "co64",
                                "elst",
                                "moof",
                                "tfhd",
                                "trun",
                                "sidx",
                                "udta",
                                "data",
                                "LIST",
                                "avih",
                                "strh",
                                "strf",
                                "idx1",
                                "indx",
                                "00dc",
                                "\x1A\x45\xDF\xA3",
                                "\x16\x54\xAE\x6B",
                                "\x1C\x53\xBB\x6B",
                                "\x1F\x43\xB6\x75",
                                "GIF8"};
  std::vector<size_t> places;
  const uint8_t *end = bytes.data() + bytes.size();
  for (const char *name : names)
    for (const uint8_t *at = bytes.data();
         (at = static_cast<const uint8_t *>(memmem(at, static_cast<size_t>(end - at), name, 4))); ++at)
      places.push_back(static_cast<size_t>(at - bytes.data()) + 4);
  return places;
}

class Damage {
public:
  Damage(const std::vector<Original> &originals, Random &random) : originals(originals), random(random) {}

  Bytes make() {
    const Original &from = originals[below(random, originals.size())];
    Bytes bytes = from.bytes;
    for (size_t times = 1 + below(random, 6); times > 0 && !bytes.empty(); --times)
      once(bytes, from.places);
    return bytes;
  }

private:
  size_t place(const Bytes &bytes, const std::vector<size_t> &places) {
    size_t at = below(random, bytes.size());
    const size_t kind = below(random, 4);
    if (kind == 0)
      at = below(random, std::min<size_t>(bytes.size(), 4096));
    else if (kind < 3 && !places.empty())
      at = places[below(random, places.size())] + below(random, 48);
    return std::min(at, bytes.size() - 1);
  }

  void once(Bytes &bytes, const std::vector<size_t> &places) {
    static const uint64_t values[] = {0,
                                      1,
                                      2,
                                      0x7F,
                                      0x80,
                                      0xFF,
                                      0x7FFF,
                                      0xFFFF,
                                      0x10000,
                                      0x7FFFFFFF,
                                      0x80000000,
                                      0xFFFFFFFF,
                                      0x7FFFFFFFFFFFFFFF,
                                      0x8000000000000000,
                                      0xFFFFFFFFFFFFFFFF};
    const size_t at = place(bytes, places), rest = bytes.size() - at;
    const auto from = bytes.begin() + static_cast<ptrdiff_t>(at);
    const auto some = [&](size_t most) {
      return static_cast<ptrdiff_t>(std::min(1 + below(random, most), rest));
    };
    switch (below(random, 11)) {
    case 0:
    case 1:
      *from ^= static_cast<uint8_t>(1 << below(random, 8));
      break;
    case 2:
      *from = static_cast<uint8_t>(random());
      break;
    case 3:
    case 4: { // a number, most significant byte first
      const uint64_t value = values[below(random, std::size(values))];
      const size_t length = std::min<size_t>(size_t{1} << below(random, 4), rest);
      for (size_t i = 0; i < length; ++i)
        from[static_cast<ptrdiff_t>(i)] = static_cast<uint8_t>(value >> 8 * (length - 1 - i));
      break;
    }
    case 5:
      bytes.resize(at);
      break;
    case 6:
      bytes.insert(from, 1 + below(random, 300), 0);
      break;
    case 7:
      bytes.erase(from, from + some(300));
      break;
    case 8: { // a piece of another file
      const Bytes &other = originals[below(random, originals.size())].bytes;
      const size_t start = below(random, other.size());
      const size_t length = std::min({1 + below(random, 2000), other.size() - start, rest});
      std::copy_n(other.begin() + static_cast<ptrdiff_t>(start), length, from);
      break;
    }
    case 9: { // what stands here once more, so that tables and boxes repeat
      const Bytes piece(from, from + some(400));
      bytes.insert(from, piece.begin(), piece.end());
      break;
    }
    default: { // two pieces change places
      const size_t other = place(bytes, places);
      const size_t length = std::min({1 + below(random, 600), rest, bytes.size() - other});
      for (size_t i = 0; i < length; ++i)
        std::swap(bytes[at + i], bytes[other + i]);
    }
    }
  }

  const std::vector<Original> &originals;
  Random &random;
};

// Does with one file what the program does with videos, in an order drawn at random.
class Reading {
public:
  Reading(const std::string &path, Random &random) : path(path), random(random) {}

  // The file is replaced by `other` half-way where there is one: a file may be written while it is read.
  void go(const Bytes *other) {
    sm_reader *reader = nullptr;
    if (sm_reader_open(path.c_str(), 1, -1, &reader, &info, &error) == SM_OK) {
      const int frames = sm_reader_frame_count(reader);
      for (size_t clips = 1 + below(random, 3); clips > 0; --clips)
        read_clip(reader, frames);
      if (other)
        save(path, *other);
      read_clip(reader, frames);
      int32_t count = 0;
      if (below(random, 3) == 0)
        sm_reader_count_frames(reader, &count, &error);
      hash(reader);
      sm_reader_close(reader);
    }
    if (below(random, 2) == 0)
      read_plainly();
    if (below(random, 12) == 0)
      pack();
    decode_mask();
  }

private:
  void draw(int frames) {
    const size_t n = 1 + below(random, 16), stride = 1 + below(random, 4);
    const size_t start = below(random, static_cast<size_t>(std::max(frames, 0)) + 1);
    wanted.clear();
    for (size_t i = 0; i < n; ++i)
      wanted.push_back(static_cast<int32_t>(below(random, 8) == 0 ? below(random, 100) : start + i * stride));
    width = 1 + static_cast<int>(below(random, 72));
    height = 1 + static_cast<int>(below(random, 72));
    rgb.resize(n * static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    crop = {};
    if (below(random, 2) == 0)
      return;
    crop.x = static_cast<double>(below(random, static_cast<size_t>(info.width)));
    crop.y = static_cast<double>(below(random, static_cast<size_t>(info.height)));
    crop.width = 1 + static_cast<double>(below(random, static_cast<size_t>(info.width - crop.x)));
    crop.height = 1 + static_cast<double>(below(random, static_cast<size_t>(info.height - crop.y)));
  }

  void read_clip(sm_reader *reader, int frames) {
    draw(frames);
    const int n = static_cast<int>(wanted.size());
    if (below(random, 4) == 0)
      sm_reader_keep(reader, wanted.data(), n, &error);
    sm_motion motion = {};
    sm_motion *field = below(random, 2) ? &motion : nullptr;
    if (sm_reader_read(reader, wanted.data(), n, &crop, width, height, rgb.data(), field, &error) != SM_OK)
      return;
    for (int64_t i = 0; field && i < motion.offsets[n]; ++i)
      touched = motion.vectors[i].x + motion.vectors[i].dy;
  }

  void hash(sm_reader *reader) {
    std::vector<char> digests(wanted.size() * 33);
    sm_reader_frame_md5(reader, wanted.data(), static_cast<int>(wanted.size()), digests.data(), &error);
  }

  void read_plainly() {
    draw(40);
    std::sort(wanted.begin(), wanted.end());
    sm_plain_read(path.c_str(), wanted.data(), static_cast<int>(wanted.size()), &crop, width, height,
                  rgb.data(), &error);
  }

  void pack() {
    const sm_pack_options options = {2 + static_cast<int>(below(random, 4)), 32, 30, 0};
    sm_packed packed;
    sm_pack(path.c_str(), &options, &packed, &error);
    sm_bytes_free(packed.bytes);
  }

  void decode_mask() {
    const Bytes png = load(path);
    uint8_t *numbers = nullptr;
    size_t size = 0;
    sm_png_decode_numbers(png.data(), png.size(), &width, &height, &numbers, &size, &error);
    sm_bytes_free(numbers);
  }

  std::string path;
  Random &random;
  sm_video_info info = {};
  sm_error error = {};
  std::vector<int32_t> wanted;
  sm_crop crop = {};
  int width = 0, height = 0;
  Bytes rgb;
  volatile float touched = 0;
};

// What number `number` of a seed is, whatever came before it.
void read_mutant(const std::vector<Original> &originals, uint64_t seed, uint64_t number,
                 const std::string &folder) {
  Random random(seed * 1'000'003 + number);
  Damage damage(originals, random);
  const std::string path = folder + "/mutant.mp4";
  const Bytes mutant = damage.make();
  save(path, mutant);
  const Bytes other = below(random, 8) == 0 ? damage.make() : Bytes();
  Reading(path, random).go(other.empty() ? nullptr : &other);
}

// Ends the process after so many seconds of the processor; 0 for none.
void limit(int seconds) {
  const itimerval timer = {{0, 0}, {seconds, 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

} // namespace

// media FOLDER_OF_CLIPS SCRATCH COUNT SEED: reads mutants 0 to COUNT - 1; or media FOLDER SCRATCH =NUMBER
// SEED: that one.
int main(int count, char **arguments) {
  if (count != 5)
    return std::fprintf(stderr, "usage: media FOLDER_OF_CLIPS SCRATCH COUNT|=NUMBER SEED\n"), 2;
  std::vector<std::string> paths;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(arguments[1]))
    if (entry.is_regular_file())
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Original> originals;
  for (const std::string &path : paths)
    if (Bytes bytes = load(path); !bytes.empty())
      originals.push_back({bytes, structure(bytes)});
  const std::string scratch = arguments[2];
  const uint64_t seed = std::strtoull(arguments[4], nullptr, 10);
  if (arguments[3][0] == '=') {
    read_mutant(originals, seed, std::strtoull(arguments[3] + 1, nullptr, 10), scratch);
    return 0;
  }
  const uint64_t end = std::strtoull(arguments[3], nullptr, 10);
  // Batches in processes of their own: one that dies is told, and the next begins behind the file it died of.
  auto *at = static_cast<std::atomic<uint64_t> *>(mmap(
      nullptr, sizeof(std::atomic<uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int faults = 0;
  for (*at = 0; *at < end;) {
    const uint64_t stop = std::min(end, *at + BatchSize);
    const pid_t child = fork();
    if (child == 0) {
      for (; *at < stop; ++*at) {
        limit(SecondsPerFile);
        read_mutant(originals, seed, *at, scratch);
      }
      limit(0);
      std::exit(0); // what leaked is told here
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status == 0)
      continue;
    const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF;
    std::printf("seed %llu: %s %llu\n", static_cast<unsigned long long>(seed),
                hung          ? "hangs at"
                : *at == stop ? "leaks before"
                              : "dies at",
                static_cast<unsigned long long>(at->load()));
    std::fflush(stdout);
    ++faults;
    if (*at < stop)
      ++*at;
  }
  std::printf("%llu mutants of %zu files, %d faults\n", static_cast<unsigned long long>(end),
              originals.size(), faults);
  return faults > 0;
}
