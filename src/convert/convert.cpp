#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "convert/exclusions.h"
#include "convert/half/half_conversion.h"
#include "convert/prepare.h"
#include "convert/quantize/dynamic/dynamic_conversion.h"
#include "convert/recovery/recovery.h"
#include "convert/recovery/static_conversion.h"
#include "core/text.h"
#include "onnx/graph_walk.h"
#include "onnx/shown_name.h"

namespace podium::convert {
namespace {

using ::onnx::ModelProto;

/// Of the layers that were given back, in a note; the report lists all.
constexpr std::size_t most_named = 8;
constexpr const char* given_back_reason = "given back, so that the bound holds";

/// A converted model that converts nothing would run as fp32 under another name.
Result<ConversionReport> checked(ConversionReport report, const ConvertSettings& settings) {
  if (report.converted > 0) return report;
  const std::string first = report.left_wide.empty() ? std::string("it has no node of a type that is converted")
                                                     : fmt::format("'{}' for one: {}", printable(report.left_wide.begin()->first),
                                                                   report.left_wide.begin()->second);
  return fail(ErrorCode::unsupported, fmt::format("no node of the model can compute in {} ({})", to_string(settings.to), first),
              "choose another precision, or exclude less");
}

/// The bound, asked of what will be written: a candidate's biases are corrected before it is judged, where they will be.
Holds bound_on_corrected(const ModelProto& model, const ConvertSettings& settings, ActivationSource& source, const Progress& progress) {
  if (!settings.correct_biases) return settings.holds;
  return [&](const ModelProto& candidate) -> Result<bool> {
    ModelProto corrected = candidate;
    if (auto done = correct_biases(model, corrected, source, progress.unseen()); !done) return tl::unexpected(done.error());
    return settings.holds(corrected);
  };
}

/// "; converted alone, 'log' leaves 3.2 dB, 'conv1' 8.9 dB", of signal to noise.
std::string in_words(const std::vector<Loss>& worst) {
  std::vector<std::string> parts;
  for (const Loss& loss : worst) {
    const std::string left = std::isfinite(loss.sqnr_db) ? fmt::format("{:.1f} dB", loss.sqnr_db) : std::string("no finite answer");
    parts.push_back(fmt::format("'{}' {}{}", onnx::shown_name(loss.layer), parts.empty() ? "leaves " : "", left));
  }
  return parts.empty() ? std::string() : "; converted alone, " + join(parts, ", ");
}

/// The layers that have to stay wide for the bound; an error where it holds for no choice of them.
Result<std::set<std::string>> within_bound(const ModelProto& model, PartialConversion& conversion, ActivationSource& source,
                                           const Holds& holds, ConversionReport& report, const Progress& progress) {
  auto found = give_back(model, conversion, source, holds, progress);
  if (!found) return tl::unexpected(found.error());
  if (!found->holds) {
    return fail(ErrorCode::check_failed, "the bound does not hold, however many layers stay in float",
                "set a lower bound: that of rounding in float32 is the most that can be had");
  }
  const std::vector<std::string>& layers = found->layers;
  if (!layers.empty() && layers.size() == conversion.layers().size())
    return fail(ErrorCode::check_failed, "the bound holds only where every layer stays in float" + in_words(found->worst),
                "set a lower bound, or convert to another precision");
  if (layers.empty()) return std::set<std::string>();
  const std::vector<std::string> named(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(std::min(layers.size(), most_named)));
  const std::string more = layers.size() > named.size() ? fmt::format(" and {} more", layers.size() - named.size()) : "";
  report.notes.push_back(fmt::format("{} of {} given back to float, the worst first: {}{}",
                                     counted(static_cast<std::int64_t>(layers.size()), "layer"), conversion.layers().size(),
                                     join(named, ", "), more));
  if (found->ended_early)
    report.notes.push_back(
        fmt::format("the search for them ended after {} trials: neighbours that were tried together count as equally bad, "
                    "so fewer may be enough; a lower bound needs fewer trials",
                    most_trials));
  return std::set<std::string>(layers.begin(), layers.end());
}

Result<ConversionReport> make_half(ModelProto& model, const ConvertSettings& settings, ActivationSource* source, ConversionReport report,
                                   const Progress& progress) {
  HalfRequest request = half_request(settings);
  if (settings.holds) {
    const auto conversion = HalfConversion::create(model, request, *source, progress);
    if (!conversion) return tl::unexpected(conversion.error());
    const auto wide = within_bound(model, **conversion, *source, settings.holds, report, progress);
    if (!wide) return tl::unexpected(wide.error());
    request = (*conversion)->request();
    for (const std::string& node : (*conversion)->nodes_of(*wide)) request.known_wide[node] = given_back_reason;
    source = nullptr;  // what it has to tell of activations is known
  }
  auto made = to_half(model, request, source, progress);
  if (!made) return tl::unexpected(made.error());
  made->report.notes.insert(made->report.notes.begin(), report.notes.begin(), report.notes.end());
  return std::move(made->report);
}

Result<ConversionReport> make_dynamic(ModelProto& model, const ConvertSettings& asked, ActivationSource* source, ConversionReport report,
                                      const Progress& progress) {
  ConvertSettings settings = asked;
  progress.on_step("quantizing weights", 0, 0);
  std::set<std::string> given_back;
  if (settings.holds) {
    const auto conversion = DynamicConversion::create(model, settings.profile, settings.exclude);
    if (!conversion) return tl::unexpected(conversion.error());
    auto wide = within_bound(model, **conversion, *source, settings.holds, report, progress);
    if (!wide) return tl::unexpected(wide.error());
    given_back = std::move(*wide);
    settings.exclude.insert(given_back.begin(), given_back.end());
  }
  auto made = quantize_dynamic(model, operators_that_gain(), settings.profile, settings.exclude);
  if (!made) return made;
  for (const std::string& node : given_back) made->left_wide[node] = given_back_reason;
  made->notes.insert(made->notes.begin(), report.notes.begin(), report.notes.end());
  return made;
}

Result<ConversionReport> make_static(ModelProto& model, const ConvertSettings& asked, ActivationSource* source, ConversionReport report,
                                     const Progress& progress) {
  ConvertSettings settings = asked;
  if (auto done = even_out(model, settings, *source, report, progress); !done) return tl::unexpected(done.error());
  auto decision = decide_static(model, settings, *source, progress);
  if (!decision) return tl::unexpected(decision.error());
  if (settings.holds) {
    StaticConversion conversion(model, decision->plan, settings.profile, decision->ranges, settings.calibration, *source, progress);
    const Holds holds = bound_on_corrected(model, settings, *source, progress);
    const auto wide = within_bound(model, conversion, *source, holds, report, progress);
    if (!wide) return tl::unexpected(wide.error());
    auto plan = conversion.plan_without(*wide);
    if (!plan) return tl::unexpected(plan.error());
    for (const std::string& node : *wide) plan->left_wide[node] = given_back_reason;
    *decision = {std::move(*plan), conversion.ranges()};
  }
  progress.on_step("quantizing", 0, 0);
  ModelProto quantized = model;
  if (auto applied = apply_static(quantized, decision->plan, settings.profile, decision->ranges); !applied)
    return tl::unexpected(applied.error());
  if (settings.correct_biases) {
    const auto corrected = correct_biases(model, quantized, *source, progress);
    if (!corrected) return tl::unexpected(corrected.error());
    report.notes.push_back(fmt::format("{} corrected by the mean error of {} layer",
                                       *corrected == 1 ? "1 bias" : fmt::format("{} biases", *corrected),
                                       *corrected == 1 ? "its" : "their"));
  }
  model = std::move(quantized);
  report.converted = static_cast<std::int64_t>(decision->plan.nodes.size());
  report.left_wide = std::move(decision->plan.left_wide);
  return report;
}

struct Maker {
  Precision to;
  Result<ConversionReport> (*make)(ModelProto&, const ConvertSettings&, ActivationSource*, ConversionReport, const Progress&);
};
constexpr std::array<Maker, 4> makers{{{Precision::fp16, make_half},
                                       {Precision::bf16, make_half},
                                       {Precision::int8_dynamic, make_dynamic},
                                       {Precision::int8_static, make_static}}};

Result<void> check(const ConvertSettings& settings, const ActivationSource* source) {
  if (settings.to == Precision::fp32 || settings.to == Precision::tf32)
    return fail(ErrorCode::wrong_use,
                fmt::format("a model is not converted to {}: it is the precision it comes in", to_string(settings.to)),
                "convert to fp16, bf16, int8-dynamic or int8-static");
  if (source != nullptr) return {};
  if (settings.to == Precision::int8_static)
    return fail(ErrorCode::wrong_use, "int8-static needs calibration data: ranges of activations come from real inputs",
                "give a folder of pictures, an .npz or a .npy with --calibrate");
  if (settings.holds)
    return fail(ErrorCode::wrong_use, "a bound needs calibration data: layers are given back by what real inputs show",
                "give a folder of pictures, an .npz or a .npy with --calibrate");
  return {};
}

}  // namespace

Result<ConversionReport> convert(ModelProto& model, const ConvertSettings& settings, ActivationSource* source, const Progress& progress) {
  if (auto fits = check(settings, source); !fits) return tl::unexpected(fits.error());
  std::set<std::string> known;
  add_excludable(model.graph(), known);
  ConversionReport prepared;
  if (auto done = prepare(model, settings, prepared, progress); !done) return tl::unexpected(done.error());
  add_excludable(model.graph(), known);  // nodes without a name have one now, which reports tell
  if (auto excluded = check_exclusions(settings.exclude, known); !excluded) return tl::unexpected(excluded.error());
  const auto* const maker = std::find_if(makers.begin(), makers.end(), [&](const Maker& it) { return it.to == settings.to; });
  auto report = maker->make(model, settings, source, std::move(prepared), progress);
  if (!report) return report;
  report->to = settings.to;
  report->nodes = 0;
  onnx::for_each_graph(model.graph(), [&](const ::onnx::GraphProto& graph) { report->nodes += graph.node_size(); });
  return checked(std::move(*report), settings);
}

}  // namespace podium::convert
