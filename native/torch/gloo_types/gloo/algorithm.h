// c10d's header for Gloo names some of Gloo's types. PyTorch's own packages hold Gloo inside libtorch, but
// not its headers; these stand for them there. Only pointers are passed on, so what the types hold is never
// read.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gloo {
struct Context {
  virtual ~Context() = default;
  void setTimeout(std::chrono::milliseconds) {}
};

namespace rendezvous {
struct Store {
  virtual ~Store() = default;
  virtual void set(const std::string &key, const std::vector<char> &data) = 0;
  virtual std::vector<char> get(const std::string &key) = 0;
  virtual void wait(const std::vector<std::string> &keys) = 0;
  virtual void wait(const std::vector<std::string> &keys, const std::chrono::milliseconds &timeout) = 0;
};
} // namespace rendezvous

namespace transport {
struct Device {
  virtual ~Device() = default;
};

struct UnboundBuffer {
  virtual ~UnboundBuffer() = default;
};
} // namespace transport
} // namespace gloo
