// Activation checkpointing (Chen et al. 2016): a part of a network is computed without a history, and once
// more, with one, when its gradient is asked for.
#include "error.h"
#include "tensor.h"
#include <ATen/core/grad_mode.h>
#include <stdexcept>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

namespace {
struct Recompute : torch::autograd::Node {
  Recompute(const at::Tensor &input, StRecompute recompute, StRelease release, void *context)
      : input(input, false), recompute(recompute), release(release), context(context) {}

  Recompute(const Recompute &) = delete;
  Recompute &operator=(const Recompute &) = delete;

  ~Recompute() override { release(context); }

  torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override {
    at::Tensor leaf = input.unpack().detach();
    leaf.requires_grad_();
    at::AutoGradMode recorded(true);
    char message[1024] = "";
    if (recompute(context, sigma::give(leaf), sigma::give(gradients[0]), message, sizeof message) != 0)
      throw std::runtime_error(message);
    return {leaf.grad()};
  }

  std::string name() const override { return "Recompute"; }

  torch::autograd::SavedVariable input;
  StRecompute recompute;
  StRelease release;
  void *context;
};

// libtorch's nodes were std::shared_ptr's until 2.11, and count their owners themselves in newer versions.
template <typename Node, typename... Arguments> auto make_node(Arguments &&...arguments) {
  if constexpr (std::is_same_v<decltype(torch::autograd::Edge::function),
                               std::shared_ptr<torch::autograd::Node>>)
    return std::make_shared<Node>(std::forward<Arguments>(arguments)...);
  else
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
}
} // namespace

int st_recomputed(StTensor input, StTensor output, StRecompute recompute, StRelease release, void *context,
                  StTensor *result) noexcept {
  return sigma::guarded([&] {
    auto from = sigma::borrow(input);
    auto node = make_node<Recompute>(from, recompute, release, context);
    node->set_next_edges(torch::autograd::collect_next_edges(from));
    auto computed = sigma::borrow(output).detach();
    torch::autograd::set_history(computed, node);
    *result = sigma::give(computed);
  });
}
