// A decoder whose frames say which packet they came from.
#pragma once
#include "ffmpeg.h"

namespace sigma::media {

class Decoder {
public:
  Decoder(const AVStream &stream, int threads);

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

private:
  CodecContext context;
  Frame frame;
};

} // namespace sigma::media
