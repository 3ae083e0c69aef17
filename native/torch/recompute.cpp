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
    at::Tensor leaf = input.unpack(shared_from_this()).detach();
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
} // namespace

int st_recomputed(StTensor input, StTensor output, StRecompute recompute, StRelease release, void *context,
                  StTensor *result) noexcept {
  return sigma::guarded([&] {
    auto from = sigma::borrow(input);
    std::shared_ptr<Recompute> node(new Recompute(from, recompute, release, context),
                                    torch::autograd::deleteNode);
    node->set_next_edges(torch::autograd::collect_next_edges(from));
    auto computed = sigma::borrow(output).detach();
    torch::autograd::set_history(computed, node);
    *result = sigma::give(computed);
  });
}
