#include <algorithm>
#include <utility>

#include "convert/convert.h"
#include "convert/half/half_conversion.h"
#include "convert/half/rounded.h"
#include "convert/prepare.h"
#include "convert/quantize/dynamic/dynamic_conversion.h"
#include "convert/recovery/explain_loss.h"
#include "convert/recovery/recovery.h"
#include "convert/recovery/static_conversion.h"

namespace podium::convert {
namespace {

using ::onnx::ModelProto;

/// As many as one reads.
constexpr std::size_t most_told = 3;
/// A node that leaves so much does no harm in any precision.
constexpr double harmless_db = 60.0;

/// Of a conversion, with biases corrected as they are in what is written.
class Corrected final : public PartialConversion {
 public:
  Corrected(PartialConversion& conversion, std::vector<BiasShift> shifts) : conversion_(conversion), shifts_(std::move(shifts)) {}

  [[nodiscard]] const std::vector<std::string>& layers() const override { return conversion_.layers(); }
  [[nodiscard]] Result<ModelProto> without(const std::set<std::string>& wide) override { return corrected(conversion_.without(wide)); }
  [[nodiscard]] Result<ModelProto> only(const std::set<std::string>& layers) override { return corrected(conversion_.only(layers)); }

 private:
  [[nodiscard]] Result<ModelProto> corrected(Result<ModelProto> candidate) const {
    if (!candidate) return candidate;
    if (const auto shifted = shift_biases(*candidate, shifts_); !shifted) return tl::unexpected(shifted.error());
    return candidate;
  }

  PartialConversion& conversion_;
  std::vector<BiasShift> shifts_;
};

Result<std::vector<Loss>> worst_of(const ModelProto& model, const ConvertSettings& settings, ActivationSource& source,
                                   const Progress& progress) {
  const auto search = [&](PartialConversion& conversion) { return worst_layers(model, conversion, source, most_told, progress); };
  if (settings.to == Precision::int8_static) {
    const auto decision = decide_static(model, settings, source, progress);
    if (!decision) return tl::unexpected(decision.error());
    StaticConversion conversion(model, decision->plan, settings.profile, decision->ranges, settings.calibration, source, progress);
    if (!settings.correct_biases) return search(conversion);
    auto whole = conversion.without({});
    if (!whole) return tl::unexpected(whole.error());
    auto shifts = find_bias_shifts(model, *whole, source, progress);
    if (!shifts) return tl::unexpected(shifts.error());
    Corrected corrected(conversion, std::move(*shifts));
    return search(corrected);
  }
  if (settings.to == Precision::int8_dynamic) {
    const auto conversion = DynamicConversion::create(model, settings.profile, settings.exclude);
    return conversion ? search(**conversion) : tl::unexpected(conversion.error());
  }
  const auto conversion = HalfConversion::create(model, half_request(settings), source, progress);
  return conversion ? search(**conversion) : tl::unexpected(conversion.error());
}

}  // namespace

Result<std::vector<std::string>> find_losses(ModelProto model, const ConvertSettings& asked, ActivationSource& source,
                                             const Progress& progress) {
  ConvertSettings settings = asked;
  ConversionReport report;  // what is done before the conversion was told when it was made
  if (auto done = prepare(model, settings, report, progress); !done) return tl::unexpected(done.error());
  if (settings.to == Precision::int8_static) {
    if (auto done = even_out(model, settings, source, report, progress); !done) return tl::unexpected(done.error());
  }
  auto losses = worst_of(model, settings, source, progress);
  if (!losses) return tl::unexpected(losses.error());
  losses->erase(std::remove_if(losses->begin(), losses->end(), [](const Loss& loss) { return loss.sqnr_db >= harmless_db; }),
                losses->end());
  return explain_losses(model, *losses, settings.to, source, progress);
}

Result<ModelProto> rounded(const ModelProto& half) {
  return half::rounded_in_float32(half);
}

}  // namespace podium::convert
