// Any operator by name, through libtorch's dispatcher, called boxed.
#include "error.h"
#include "tensor.h"
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <optional>
#include <torch/csrc/api/include/torch/version.h>
#include <vector>

using c10::IValue;
using c10::TypeKind;

// An operator with what its schema says of each argument, read once.
struct StOperator {
  struct Argument {
    TypeKind kind;
    TypeKind element; // of a list
    bool element_optional;
    bool has_default;
    IValue fallback;
  };
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
};

namespace {
// libtorch's own optional until 2.4, the standard library's since.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 5)
using OptionalTensor = std::optional<at::Tensor>;
#else
using OptionalTensor = c10::optional<at::Tensor>;
#endif

c10::TypePtr unwrap(c10::TypePtr type, bool *optional) {
  while (type->kind() == TypeKind::OptionalType) {
    *optional = true;
    type = type->expectRef<c10::OptionalType>().getElementType();
  }
  return type;
}

StOperator::Argument describe(const c10::Argument &argument) {
  bool optional = false, element_optional = false;
  auto type = unwrap(argument.type(), &optional);
  StOperator::Argument result{type->kind(), TypeKind::AnyType, false, false, IValue()};
  if (type->kind() == TypeKind::ListType) {
    result.element = unwrap(type->expectRef<c10::ListType>().getElementType(), &element_optional)->kind();
    result.element_optional = element_optional;
  }
  if (argument.default_value()) {
    result.has_default = true;
    result.fallback = *argument.default_value();
  } else if (optional) {
    result.has_default = true;
  }
  return result;
}

IValue tensor_list(const StValue &value, bool optional) {
  auto handles = static_cast<const StTensor *>(value.p);
  if (optional) {
    c10::List<OptionalTensor> list;
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++)
      list.push_back(handles[i] ? OptionalTensor(sigma::borrow(handles[i])) : OptionalTensor());
    return IValue(std::move(list));
  }
  c10::List<at::Tensor> list;
  list.reserve(value.count);
  for (int32_t i = 0; i < value.count; i++)
    list.push_back(sigma::borrow(handles[i]));
  return IValue(std::move(list));
}

IValue int_list(const StValue &value, const StOperator::Argument &argument) {
  auto values = static_cast<const int64_t *>(value.p);
  if (argument.element == TypeKind::FloatType) {
    c10::List<double> list;
    for (int32_t i = 0; i < value.count; i++)
      list.push_back(static_cast<double>(values[i]));
    return IValue(std::move(list));
  }
  if (argument.element == TypeKind::BoolType) {
    c10::List<bool> list;
    for (int32_t i = 0; i < value.count; i++)
      list.push_back(values[i] != 0);
    return IValue(std::move(list));
  }
  c10::List<int64_t> list;
  list.reserve(value.count);
  for (int32_t i = 0; i < value.count; i++)
    list.push_back(values[i]);
  return IValue(std::move(list));
}

// What the caller gave, as what the schema asks for: an int where a float is wanted is one, and a lone int
// fills a list argument such as a kernel size.
IValue convert(const StValue &value, const StOperator::Argument &argument) {
  switch (value.tag) {
  case ST_NONE:
    return IValue();
  case ST_TENSOR:
    return IValue(sigma::borrow(const_cast<StTensor>(static_cast<const c10::TensorImpl *>(value.p))));
  case ST_INT:
    if (argument.kind == TypeKind::FloatType)
      return IValue(static_cast<double>(value.i));
    if (argument.kind == TypeKind::BoolType)
      return IValue(value.i != 0);
    if (argument.kind == TypeKind::ListType)
      return IValue(c10::List<int64_t>({value.i}));
    return IValue(value.i);
  case ST_DOUBLE:
    return IValue(value.d);
  case ST_BOOL:
    return IValue(value.i != 0);
  case ST_INT_LIST:
    return int_list(value, argument);
  case ST_DOUBLE_LIST: {
    c10::List<double> list;
    for (int32_t i = 0; i < value.count; i++)
      list.push_back(static_cast<const double *>(value.p)[i]);
    return IValue(std::move(list));
  }
  case ST_TENSOR_LIST:
    return tensor_list(value, argument.element_optional);
  case ST_STRING:
    return IValue(std::string(static_cast<const char *>(value.p), value.count));
  case ST_DEVICE:
    return IValue(c10::Device(static_cast<c10::DeviceType>(value.i & 0xffffffff),
                              static_cast<c10::DeviceIndex>(value.i >> 32)));
  default:
    TORCH_CHECK(false, "an argument cannot be of kind ", value.tag);
  }
}

void put(const IValue &value, StValue *results, int32_t capacity, int32_t *count) {
  if (value.isTensorList()) {
    for (const at::Tensor &tensor : value.toTensorVector())
      put(IValue(tensor), results, capacity, count);
    return;
  }
  TORCH_CHECK(*count < capacity, "more results than the caller has room for");
  StValue &result = results[*count];
  result.count = 0;
  if (value.isTensor()) {
    result.p = sigma::give(value.toTensor());
    result.tag = result.p ? ST_TENSOR : ST_NONE;
  } else if (value.isDouble()) {
    result.tag = ST_DOUBLE;
    result.d = value.toDouble();
  } else if (value.isBool()) {
    result.tag = ST_BOOL;
    result.i = value.toBool();
  } else if (value.isInt()) {
    result.tag = ST_INT;
    result.i = value.toInt();
  } else if (value.isNone()) {
    result.tag = ST_NONE;
    result.i = 0;
  } else {
    TORCH_CHECK(false, "a result of type ", value.tagKind(), " cannot be handed out");
  }
  (*count)++;
}
} // namespace

StOperator *st_operator_find(const char *name, const char *overload) noexcept {
  StOperator *result = nullptr;
  sigma::guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle)
      return;
    result = new StOperator{*handle, {}};
    for (const auto &argument : handle->schema().arguments())
      result->arguments.push_back(describe(argument));
  });
  return result;
}

int st_operator_call(const StOperator *op, const StValue *arguments, int32_t count, StValue *results,
                     int32_t capacity, int32_t *result_count) noexcept {
  return sigma::guarded([&] {
    TORCH_CHECK(count <= static_cast<int32_t>(op->arguments.size()), "takes ", op->arguments.size(),
                " arguments, was given ", count);
    c10::Stack stack;
    stack.reserve(op->arguments.size());
    for (size_t i = 0; i < op->arguments.size(); i++) {
      const auto &argument = op->arguments[i];
      if (static_cast<int32_t>(i) < count) {
        stack.push_back(convert(arguments[i], argument));
      } else {
        TORCH_CHECK(argument.has_default, "argument ", i, " is missing");
        stack.push_back(argument.fallback);
      }
    }
    op->handle.callBoxed(stack);
    *result_count = 0;
    if (results)
      for (const IValue &value : stack)
        put(value, results, capacity, result_count);
  });
}
