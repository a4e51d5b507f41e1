#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "onnx/opset/scope.h"

/// How operators changed from one version of ONNX's default operator set to the next, as its change log has it
/// (onnx/docs/Changelog.md). Wider types alone are no change: the engine says what it takes.
namespace podium::onnx {

constexpr std::int64_t oldest_opset = 7;           ///< that is read: older ones broadcast by attributes
constexpr std::int64_t oldest_lowered_opset = 11;  ///< that is written
constexpr std::int64_t newest_opset = 28;

/// Rewrites one node between version - 1 and version of its operator. An error says why it cannot be, as half a sentence.
using Rewrite = Result<void> (*)(OpsetScope& scope, ::onnx::NodeProto& node);

struct OpsetRule {
  std::string_view op_type;
  std::int64_t version = 0;  ///< in which the operator changed
  Rewrite raise = nullptr;   ///< to that version; null: nothing to do
  Rewrite lower = nullptr;   ///< to the version before it
  int inputs = 1;            ///< that the rewrites take for given
};

/// Rules of one version are applied in their order; one that removes its node is the last.
[[nodiscard]] std::span<const OpsetRule> structural_rules();  ///< changes of meaning, of inputs and outputs
[[nodiscard]] std::span<const OpsetRule> composed_rules();    ///< new operators that older ones can express

/// An attribute that became an input in this version.
struct MovedAttribute {
  enum class Kind : std::uint8_t { integers, one_integer, scalar_integer, floats, scalar };
  std::string_view op_type;
  std::int64_t version = 0;
  std::string_view attribute;
  int input = 0;
  Kind kind = Kind::integers;  ///< scalar: of the type of input 0
};

[[nodiscard]] std::span<const MovedAttribute> moved_attributes();
[[nodiscard]] Result<void> raise_attribute(OpsetScope& scope, ::onnx::NodeProto& node, const MovedAttribute& moved);
[[nodiscard]] Result<void> lower_attribute(OpsetScope& scope, ::onnx::NodeProto& node, const MovedAttribute& moved);

/// An attribute that is new in this version, and means nothing where it has its old value.
struct NewAttribute {
  enum class Old : std::uint8_t { anything, integer, ones, text };
  std::string_view op_type;
  std::int64_t version = 0;
  std::string_view attribute;
  Old old = Old::integer;
  std::int64_t integer = 0;
  std::string_view text;
};

[[nodiscard]] std::span<const NewAttribute> new_attributes();
/// Takes the attribute away, or says that it cannot.
[[nodiscard]] Result<void> drop_attribute(::onnx::NodeProto& node, const NewAttribute& attribute);

/// A value of a text attribute that is new in this version.
struct NewChoice {
  std::string_view op_type;
  std::int64_t version = 0;
  std::string_view attribute;
  std::string_view value;
};

[[nodiscard]] std::span<const NewChoice> new_choices();

/// The version in which an operator came; 1 for those of the first version and for unknown ones.
[[nodiscard]] std::int64_t first_version(std::string_view op_type) noexcept;
/// The version in which an element type came.
[[nodiscard]] std::int64_t first_version_of_type(int element_type) noexcept;

}  // namespace podium::onnx
