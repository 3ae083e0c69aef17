// A decoder whose frames say which packet they came from.
#pragma once
#include "nvdec.h"

namespace sigma::media {

class Decoder {
public:
  // Takes over the decoder that this thread used last where that was made for the same stream settings.
  // With a GPU, of a codec that nvdec::decoder_of has; frames come from the CPU where the GPU refuses them.
  Decoder(const AVStream &stream, int threads, int gpu = nvdec::NoGpu);
  // Keeps the decoder for the next of this thread, where that may be.
  ~Decoder();
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;

  // Reads from the first packet, without decoding it, what only the parameter sets say: pixel aspect and how
  // far pictures are out of order.
  void look_ahead(const AVPacket &first, AVCodecParameters &parameters);
  // This decoder has seen more than its stream's settings, and shall not serve another one.
  void spend() { spent = true; }

  // Sends packet `number`, which is retagged; false where the decoder reports damage. With `disposable`, a
  // frame that nothing refers to is not decoded.
  bool send(AVPacket &packet, int number, bool disposable);
  // Tells the decoder that nothing follows, so that it gives out all it holds.
  void drain();
  // Forgets everything, ready for another place in the stream.
  void flush();
  // Motion vectors travel with the frames when wanted.
  void export_motion(bool wanted);

  // The next finished frame, null when the decoder wants more. `damaged` is set where it reports damage.
  const AVFrame *receive(bool &damaged);
  // The packet a frame was coded in, -1 when the decoder lost it.
  static int packet_of(const AVFrame &frame);
  // True where the GPU decoded the frame that came last.
  bool frame_from_gpu() const { return from_gpu; }

private:
  CodecContext context;
  std::shared_ptr<AVCodecParameters> made_for;
  int threads, gpu;
  bool spent = false, from_gpu = false;
  Frame frame;
  nvdec::Download download;
};

} // namespace sigma::media
