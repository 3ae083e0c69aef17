// Decoding on the video decoder of an NVIDIA GPU (NVDEC), through FFmpeg's CUDA acceleration.
#pragma once
#include "ffmpeg.h"

namespace sigma::media::nvdec {

constexpr int NoGpu = -1; // in place of a GPU's number: the CPU decodes

// Throws, naming what is missing, where this GPU's decoder cannot be had.
void require(int gpu);

// FFmpeg's decoder that NVDEC takes the work off; null for a codec that FFmpeg or this program leaves to the
// CPU.
const AVCodec *decoder_of(AVCodecID codec);

// Has a context that is not open yet decode on the GPU.
void attach(AVCodecContext &context, int gpu);

// The last format offered is the software decoder's own: CUDA's where its pictures can be brought back in
// that one, else that one. FFmpeg asks again, without CUDA's, where the GPU refuses a video.
AVPixelFormat choose(AVCodecContext *context, const AVPixelFormat *offered);

// Takes a picture whose chroma planes are interleaved (NV12, P010) apart into `planes` (yuv420p, or 10 bits
// of it) of the same size, bit for bit.
void take_apart(const AVFrame &picture, AVFrame &planes);

// Brings pictures back from the GPU's memory.
class Download {
public:
  // The picture as the software decoder gives it out, until the next call; null where that fails. The GPU's
  // own is released, as there are few.
  const AVFrame *fetch(AVFrame &picture, AVPixelFormat software);

private:
  Frame copied, planes, given;
};

} // namespace sigma::media::nvdec
