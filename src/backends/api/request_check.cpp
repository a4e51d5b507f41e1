#include "backends/api/request_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/text.h"

namespace podium::backend {
namespace {

std::string describe(const TensorSpec& spec) {
  std::vector<std::string> axes;
  for (const Dimension& axis : spec.dimensions) {
    const std::string free_axis = axis.name.empty() ? "?" : axis.name;
    axes.push_back(axis.is_free() ? free_axis : std::to_string(axis.size));
  }
  return fmt::format("{} [{}]", to_string(spec.type), join(axes, "x"));
}

template <typename Tensor>
std::string describe(DataType type, const Tensor& tensor) {
  return fmt::format("{} [{}]", to_string(type), to_string(tensor.shape));
}

bool fits(const TensorSpec& declared, const Shape& given) {
  return std::equal(declared.dimensions.begin(), declared.dimensions.end(), given.begin(), given.end(),
                    [](const Dimension& axis, std::int64_t size) { return axis.is_free() ? size >= 0 : axis.size == size; });
}

template <typename Tensors>
std::vector<std::string> names_of(const Tensors& tensors) {
  std::vector<std::string> names;
  for (const auto& tensor : tensors) names.push_back(printable(tensor.name));
  return names;
}

tl::unexpected<Error> wrong_input(const std::string& name, const std::string& expected, const std::string& given, std::string remedy) {
  return fail(ErrorCode::bad_input, fmt::format("input '{}': the model expects {}, {} was given", printable(name), expected, given),
              std::move(remedy));
}

Result<void> check_one(const TensorSpec& declared, const InputSpec& given) {
  if (declared.type != given.type) {
    return wrong_input(given.name, describe(declared), describe(given.type, given),
                       fmt::format("give data of type {} with --data", to_string(declared.type)));
  }
  if (!fits(declared, given.shape)) {
    return wrong_input(given.name, describe(declared), describe(given.type, given),
                       fmt::format("give a shape that fits with --shape {}=…, or another --batch", printable(given.name)));
  }
  return {};
}

}  // namespace

Result<void> check_model_file(const LoadRequest& request) {
  std::error_code error;
  if (std::filesystem::is_regular_file(request.model, error)) return {};
  return fail(ErrorCode::bad_input, fmt::format("there is no model file '{}'", printable(request.model.string())),
              "check the path of MODEL");
}

Result<void> check_declared_inputs(std::span<const TensorSpec> declared, std::span<const InputSpec> given) {
  const auto named = [](const auto& specs, const std::string& name) {
    return std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
  };
  for (const TensorSpec& spec : declared) {
    if (named(given, spec.name) == given.end()) {
      return fail(ErrorCode::bad_input, fmt::format("the model's input '{}' ({}) was not given", printable(spec.name), describe(spec)),
                  "give data for it with --data, or its shape with --shape");
    }
  }
  for (const InputSpec& input : given) {
    const auto spec = named(declared, input.name);
    if (spec == declared.end()) {
      const std::string known = declared.empty() ? "it has no inputs at all" : "its inputs are: " + join(names_of(declared), ", ");
      return fail(ErrorCode::bad_input, fmt::format("the model has no input '{}'; {}", printable(input.name), known),
                  "name the inputs as the model does");
    }
    if (auto checked = check_one(*spec, input); !checked) return checked;
  }
  return {};
}

Result<void> check_run_inputs(std::span<const InputSpec> loaded, std::span<const TensorView> given) {
  if (loaded.size() != given.size()) {
    return fail(ErrorCode::bad_input, fmt::format("the model was loaded with {} inputs, {} were given", loaded.size(), given.size()));
  }
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].type == given[i].type && loaded[i].shape == given[i].shape && given[i].data != nullptr) continue;
    return fail(ErrorCode::bad_input, fmt::format("input '{}': the model was loaded for {}, {} was given", printable(loaded[i].name),
                                                  describe(loaded[i].type, loaded[i]), describe(given[i].type, given[i])));
  }
  return {};
}

Result<void> check_device(const std::string& asked, std::span<const std::string> can, const std::string& engine) {
  if (std::find(can.begin(), can.end(), asked) != can.end()) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("{} does not run on '{}' here, but on {}", engine, printable(asked), join({can.begin(), can.end()}, ", ")),
              can.empty() ? std::string() : fmt::format("use --device {}", can.front()));
}

Result<void> check_precision(Precision asked, std::span<const Precision> can, const std::string& engine, const std::string& reason) {
  if (std::find(can.begin(), can.end(), asked) != can.end()) return {};
  return fail(ErrorCode::unsupported, fmt::format("{} does not run {} here: {}", engine, to_string(asked), reason));
}

std::string engine_message(std::string_view what) {
  constexpr std::size_t longest = 600;
  std::string folded;
  for (const char letter : what) {
    const bool space = letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
    if (!space) folded += letter;
    if (space && !folded.empty() && folded.back() != ' ') folded += ' ';
  }
  if (folded.ends_with(' ')) folded.pop_back();
  if (folded.size() <= longest) return printable(folded);
  return printable(std::string_view(folded).substr(0, longest)) + "…";
}

bool flag(const OptionValues& options, const std::string& name) {
  return std::get<bool>(options.at(name));
}
std::int64_t integer(const OptionValues& options, const std::string& name) {
  return std::get<std::int64_t>(options.at(name));
}
const std::string& text(const OptionValues& options, const std::string& name) {
  return std::get<std::string>(options.at(name));
}

}  // namespace podium::backend
