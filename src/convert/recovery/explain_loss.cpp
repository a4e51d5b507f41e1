#include "convert/recovery/explain_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "convert/half/range.h"
#include "onnx/shown_name.h"
#include "onnx/value_facts.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

/// A share of small numbers from which on they are worth a word.
constexpr double many = 0.02;

/// What one value's numbers are like, over all batches.
struct Numbers {
  double count = 0.0;
  double sum = 0.0;      ///< of sizes
  double largest = 0.0;  ///< size
  double small = 0.0;    ///< how many are below the normal numbers of the type, and not 0

  void observe(std::span<const float> values, double smallest_normal) {
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      const double size = std::abs(static_cast<double>(value));
      count += 1.0;
      sum += size;
      largest = std::max(largest, size);
      if (size > 0.0 && size < smallest_normal) small += 1.0;
    }
  }
  [[nodiscard]] double peak() const noexcept { return sum > 0.0 ? largest * count / sum : 0.0; }
  [[nodiscard]] double small_share() const noexcept { return count > 0.0 ? small / count : 0.0; }
};

std::optional<DataType> half_type(Precision precision) {
  if (precision == Precision::fp16) return DataType::float16;
  if (precision == Precision::bf16) return DataType::bfloat16;
  return std::nullopt;
}

/// Float values of the top graph that a node reads or makes, but for weights.
std::vector<std::string> values_of(const NodeProto& node, const onnx::ValueFacts& facts, const std::set<std::string>& stored) {
  std::vector<std::string> values;
  for (const auto* names : {&node.input(), &node.output()}) {
    for (const std::string& name : *names) {
      if (!name.empty() && !stored.contains(name) && facts.type(name) == ::onnx::TensorProto::FLOAT) values.push_back(name);
    }
  }
  return values;
}

std::string role_of(const NodeProto& node, const std::string& value) {
  return std::find(node.input().begin(), node.input().end(), value) != node.input().end() ? "input" : "output";
}

std::string cause(const NodeProto& node, const std::vector<std::string>& values, const std::map<std::string, Numbers>& seen,
                  Precision precision) {
  const auto most = [&](auto measure) {
    return *std::max_element(values.begin(), values.end(),
                             [&](const auto& a, const auto& b) { return measure(seen.at(a)) < measure(seen.at(b)); });
  };
  if (const auto type = half_type(precision)) {
    const std::string value = most([](const Numbers& numbers) { return numbers.small_share(); });
    const Numbers& numbers = seen.at(value);
    const std::string name = onnx::shown_name(value);
    if (numbers.small_share() >= many) {
      return fmt::format("{:.0f} % of its {} '{}' lie below {:.3g}, where {} has fewer digits", 100.0 * numbers.small_share(),
                         role_of(node, value), name, half::limits_of(*type).smallest_normal, to_string(precision));
    }
    return fmt::format("its numbers reach {:.3g} and keep within {}'s range, so rounding alone does it",
                       seen.at(most([](const Numbers& it) { return it.largest; })).largest, to_string(precision));
  }
  const std::string value = most([](const Numbers& numbers) { return numbers.peak(); });
  return fmt::format("its {} '{}' reaches {:.3g}, {:.0f} times its mean size, and int8 has 256 steps", role_of(node, value),
                     onnx::shown_name(value), seen.at(value).largest, seen.at(value).peak());
}

/// What goes into and comes out of the nodes to be explained.
class Witness {
 public:
  Witness(const ::onnx::ModelProto& model, Precision precision) : model_(model), precision_(precision), facts_(model.graph()) {
    for (const auto& tensor : model.graph().initializer()) stored_.insert(tensor.name());
    for (const NodeProto& node : model.graph().node()) {
      if (node.op_type() == "Constant") stored_.insert(node.output().begin(), node.output().end());
      nodes_.emplace(node.name(), &node);
    }
  }

  [[nodiscard]] Result<void> look(std::span<const Loss> losses, ActivationSource& source, const Progress& progress) {
    for (const Loss& loss : losses) {
      const auto node = nodes_.find(loss.layer);
      if (node == nodes_.end()) continue;  // inside another node's graph
      for (const std::string& value : values_of(*node->second, facts_, stored_)) seen_.try_emplace(value);
    }
    if (seen_.empty()) return {};
    std::vector<std::string> names;
    for (const auto& [name, numbers] : seen_) names.push_back(name);
    const auto tapped = with_outputs(model_, names);
    if (!tapped) return tl::unexpected(tapped.error());
    const double smallest = half::limits_of(half_type(precision_).value_or(DataType::float16)).smallest_normal;
    return source.run(*tapped, [&](std::int64_t, std::span<const Activation> activations) -> Result<void> {
      if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
      for (const Activation& activation : activations) seen_[activation.name].observe(activation.values, smallest);
      return {};
    });
  }

  [[nodiscard]] std::string sentence(const Loss& loss) const {
    const std::string left = std::isfinite(loss.sqnr_db) ? fmt::format("it leaves {:.1f} dB of signal to noise", loss.sqnr_db)
                                                         : std::string("the answers are not finite, or of another shape");
    const auto node = nodes_.find(loss.layer);
    if (node == nodes_.end()) return fmt::format("'{}': converted alone, {}", onnx::shown_name(loss.layer), left);
    const std::vector<std::string> values = values_of(*node->second, facts_, stored_);
    const std::string why = values.empty() ? std::string() : ": " + cause(*node->second, values, seen_, precision_);
    return fmt::format("'{}' ({}): converted alone, {}{}", onnx::shown_name(loss.layer), node->second->op_type(), left, why);
  }

 private:
  const ::onnx::ModelProto& model_;
  Precision precision_;
  onnx::ValueFacts facts_;
  std::set<std::string> stored_;
  std::map<std::string, const NodeProto*> nodes_;
  std::map<std::string, Numbers> seen_;
};

}  // namespace

Result<std::vector<std::string>> explain_losses(const ::onnx::ModelProto& model, std::span<const Loss> losses, Precision precision,
                                                ActivationSource& source, const Progress& progress) {
  Witness witness(model, precision);
  if (auto looked = witness.look(losses, source, progress); !looked) return tl::unexpected(looked.error());
  std::vector<std::string> sentences;
  for (const Loss& loss : losses) sentences.push_back(witness.sentence(loss));
  return sentences;
}

}  // namespace podium::convert
