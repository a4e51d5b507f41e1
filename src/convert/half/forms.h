#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "convert/half/scope.h"
#include "podium/types.h"

namespace podium::convert::half {

enum class Form : std::uint8_t { wide, narrow };

/// In which forms each float32 value is read, and under which names: found for all graphs before anything is written.
class Forms {
 public:
  Forms(Scope& model, DataType type, bool narrow_io);

  /// The name that the node's input has from now on.
  [[nodiscard]] std::string input_name(Scope& scope, const Step& step, int index) const;
  /// The name of a value, as it is seen from `scope`, in that form; of one that is no float32 value, its own.
  [[nodiscard]] std::string name_of(Scope& scope, const std::string& value_name, Form form) const;
  /// The form in which a value keeps its own name: that of an input or output of the model, or that in which it is made.
  [[nodiscard]] Form own_form(const Scope& scope, const Value& value) const;
  [[nodiscard]] static const std::string& name(const Value& value, Form form) noexcept {
    return form == Form::wide ? value.wide_name : value.narrow_name;
  }
  /// A Cast of a float32 value to the type that it has already in one of its forms: its readers read that form.
  [[nodiscard]] bool is_bypassed(const Step& step) const { return bypassed_.contains(&step); }
  /// A Cast that makes a float32 value out of another type: each form of it can be made so. Null for other nodes.
  [[nodiscard]] static Value* recast(Scope& scope, const Step& step);
  /// The 16-bit form of a value that was cast from that type: it is there already.
  [[nodiscard]] bool is_there(const Value& value) const { return there_.contains(&value); }
  [[nodiscard]] std::string unique(const std::string& wanted);
  /// The values of a graph in the order of the file.
  [[nodiscard]] static std::vector<Value*> in_order(Scope& scope);

 private:
  void gather(Scope& scope);
  void gather_step(Scope& scope, Step& step);
  [[nodiscard]] bool bypass(Scope& scope, const Step& step);
  void give_names(Scope& scope);
  [[nodiscard]] Value* canonical(Value* value) const;
  [[nodiscard]] Form form_read(const Step& step, const Argument& input) const;

  int number_;  ///< of the 16-bit type in ONNX
  std::string suffix_;
  bool narrow_io_;
  std::unordered_set<std::string> names_;
  std::unordered_set<const Step*> bypassed_;
  std::unordered_map<const Value*, Value*> same_;      ///< a float32 value → the one it is a copy of
  std::unordered_map<const Value*, Value*> narrowed_;  ///< a 16-bit value of the original model → the float32 one it is a copy of
  std::unordered_set<const Value*> there_;
};

}  // namespace podium::convert::half
