#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "convert/quantize.h"
#include "convert/quantize/dynamic/dynamic_edit.h"
#include "convert/quantize/int8_opset.h"
#include "convert/quantize/quantized_already.h"
#include "onnx/attributes.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

struct FormRule {
  std::string_view operator_name;
  DynamicForm form;
  DynamicForm weights_only;  ///< null where that engine has none
};
constexpr std::array<FormRule, 5> form_rules{{{"MatMul", matmul_form, weights_only_form},
                                              {"Gemm", gemm_form, weights_only_form},
                                              {"Conv", conv_form, nullptr},
                                              {"LSTM", lstm_form, nullptr},
                                              {"Attention", attention_form, nullptr}}};

const FormRule* find_form(const NodeProto& node, const GraphView& view) {
  if (!onnx::is_standard(node)) return nullptr;
  std::string_view name = node.op_type();
  if (name == "Attention") return nullptr;  // ONNX's own operator is no pair of products
  if (name == "MatMul" && node.input_size() == 2 && view.constant(node.input(0)) == nullptr && view.constant(node.input(1)) == nullptr)
    name = "Attention";
  const auto* const row = std::find_if(form_rules.begin(), form_rules.end(), [&](const FormRule& it) { return it.operator_name == name; });
  return row != form_rules.end() && node.input_size() >= 2 && node.output_size() > 0 ? row : nullptr;
}

class DynamicQuantizer {
 public:
  DynamicQuantizer(::onnx::ModelProto& model, const std::set<std::string>& operators, const QuantizationProfile& profile,
                   const std::set<std::string>& exclude)
      : graph_(model, profile), operators_(operators), profile_(profile), exclude_(exclude) {}

  [[nodiscard]] Result<ConversionReport> run() {
    for (NodeProto* node : graph_.edit().nodes()) {
      const FormRule* rule = find_form(*node, graph_.view());
      if (holds_graphs(*node)) report_.left_wide.emplace(node->name(), "the graphs inside it stay as they are");
      if (rule == nullptr) continue;
      const std::string name = node->name();
      Result<void> done = convert(*node, *rule);
      if (!done && done.error().code != ErrorCode::unsupported) return tl::unexpected(std::move(done.error()));
      if (done) ++report_.converted;
      if (!done) report_.left_wide.emplace(name, done.error().message);
    }
    report_.to = Precision::int8_dynamic;
    if (auto finished = graph_.edit().finish(); !finished) return tl::unexpected(std::move(finished.error()));
    return std::move(report_);
  }

 private:
  [[nodiscard]] Result<void> convert(NodeProto& node, const FormRule& rule) {
    const std::string name(rule.operator_name);
    if (exclude_.contains(node.name()) || exclude_.contains(node.op_type())) return fail(ErrorCode::unsupported, "it was excluded");
    if (!operators_.contains(name)) {
      return fail(ErrorCode::unsupported, operators_that_gain().contains(name)
                                              ? fmt::format("{} was not asked for", name)
                                              : fmt::format("{} is not known to gain from dynamic int8, and was not asked for", name));
    }
    const auto& known = profile_.dynamic_operators;
    const DynamicForm form = profile_.dynamic_weights_only ? rule.weights_only : rule.form;
    if (form == nullptr || (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()))
      return fail(ErrorCode::unsupported, fmt::format("the engine has no dynamic int8 form of {}", name));
    return form(graph_, node);
  }

  DynamicEdit graph_;
  const std::set<std::string>& operators_;
  const QuantizationProfile& profile_;
  const std::set<std::string>& exclude_;
  ConversionReport report_;
};

bool uses_domain(const ::onnx::ModelProto& model, const std::string& domain) {
  const auto& nodes = model.graph().node();
  return std::any_of(nodes.begin(), nodes.end(), [&](const NodeProto& node) { return node.domain() == domain; });
}

void import_domain(::onnx::ModelProto& model, const std::string& domain) {
  const auto& imports = model.opset_import();
  if (!uses_domain(model, domain)) return;
  if (std::any_of(imports.begin(), imports.end(), [&](const auto& import) { return import.domain() == domain; })) return;
  auto& import = *model.add_opset_import();
  import.set_domain(domain);
  import.set_version(1);
}

}  // namespace

const std::set<std::string>& operators_that_gain() {
  static const std::set<std::string> operators{"MatMul", "Gemm", "LSTM"};
  return operators;
}

Result<ConversionReport> quantize_dynamic(::onnx::ModelProto& model, const std::set<std::string>& operators,
                                          const QuantizationProfile& profile, const std::set<std::string>& exclude) {
  if (auto refused = refuse_quantized(model); !refused) return tl::unexpected(std::move(refused.error()));
  const std::int64_t oldest = profile.dynamic_weights_only ? 13 : 11;  // the first with DynamicQuantizeLinear
  if (auto raised = fit_opset(model, profile, oldest); !raised) return tl::unexpected(std::move(raised.error()));
  Result<ConversionReport> report = DynamicQuantizer(model, operators, profile, exclude).run();
  if (!report) return report;
  import_domain(model, "com.microsoft");
  report->nodes = model.graph().node_size();
  return report;
}

}  // namespace podium::convert
