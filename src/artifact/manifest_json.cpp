#include "artifact/manifest_json.h"

#include <fmt/format.h>

#include "artifact/manifest_fields.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::artifact {
namespace {

using codec::Json;
using nlohmann::json;

Result<void> check_schema(const json& object) {
  const auto found = object.is_object() ? object.find("schema") : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    return fail(ErrorCode::bad_input, "the manifest artifact.json names no schema, so this is no artefact of Podium",
                "give the folder that podium pack wrote");
  }
  const std::string& named = found->get_ref<const std::string&>();
  if (named == schema) return {};
  return fail(ErrorCode::bad_input, fmt::format("the artefact is of schema '{}', this Podium reads {}", printable(named), schema),
              "use the Podium that wrote it, or make it again with podium pack");
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json object = Json::object();
  object["schema"] = schema;
  object.update(codec::Encoder<ManifestSchema>::encode(manifest));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Result<json> object = parse_json(text, "the manifest artifact.json");
  if (!object) return fail(ErrorCode::bad_input, object.error().message, "copy the artefact again: it was cut off or changed");
  if (auto checked = check_schema(*object); !checked) return tl::unexpected(checked.error());
  Manifest manifest;
  const auto wrong = codec::decode_guarded([&] { codec::Decoder<ManifestSchema>::decode(*object, manifest); });
  if (wrong) {
    return fail(ErrorCode::bad_input, fmt::format("the manifest artifact.json is damaged: {} is to be {}", wrong->path, wrong->expected),
                "copy the artefact again, or make it again with podium pack");
  }
  return manifest;
}

}  // namespace podium::artifact
