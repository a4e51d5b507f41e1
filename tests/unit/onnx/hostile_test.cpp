#include <sys/stat.h>

#include "model_builder.h"

namespace podium::onnx {
namespace {

using test::slurp;

void expect_file_refused(const std::string &content, const std::string &part) {
  const TemporaryFolder folder;
  expect_refused(Model::read(folder.write("model.onnx", content)),
                 ErrorCode::bad_input, part);
}

TEST(HostileFile, ThatIsSomethingElseIsCalledByItsName) {
  expect_file_refused("", "is empty");
  expect_file_refused(std::string("PK\x03\x04\x14\x00\x00\x00", 8) +
                          std::string(100, '\0'),
                      "zip archive");
  expect_file_refused("<!DOCTYPE html><html><body>404 Not Found</body></html>",
                      "a web page");
  expect_file_refused(
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      "Git LFS");
  expect_file_refused("# A model of everything\n", "a text file");
  expect_file_refused("\x80\x02}q\x01", "Python pickle");
  expect_file_refused(std::string("\x1C\x00\x00\x00TFL3", 8) +
                          std::string(50, '\1'),
                      "TensorFlow Lite");
  expect_file_refused(std::string(1000, '\xFF'), "protobuf is damaged");
}

TEST(HostileFile, ThatIsMissingIsNamed) {
  expect_refused(Model::read("/nowhere/model.onnx"), ErrorCode::bad_input,
                 "cannot read the model '/nowhere/model.onnx'");
}

TEST(HostileFile, ThatIsAFolderOrAPipeIsRefusedWithoutHanging) {
  const TemporaryFolder folder;
  expect_refused(Model::read(folder.path()), ErrorCode::bad_input,
                 "is a folder");
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expect_refused(Model::read(pipe), ErrorCode::bad_input, "not a regular file");
}

TEST(HostileFile, CutOffAnywhereIsRefused) {
  ModelBuilder builder;
  build_small_model(builder);
  const std::string whole = slurp(builder.write());
  const TemporaryFolder folder;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto model =
        Model::read(folder.write("model.onnx", whole.substr(0, size)));
    // Behind the graph only the list of operator sets follows, without which
    // the rest is still a model.
    if (model) {
      EXPECT_TRUE(model->opsets().empty());
      continue;
    }
    EXPECT_EQ(model.error().code, ErrorCode::bad_input) << size;
  }
  expect_file_refused(whole.substr(0, whole.size() / 2),
                      "it ends in the middle");
}

TEST(HostileFile, WithAnyByteChangedIsReadOrRefusedButNeverCrashes) {
  ModelBuilder builder;
  build_small_model(builder);
  const std::string whole = slurp(builder.write());
  const TemporaryFolder folder;
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char change : {'\xFF', '\x80', '\0', '\x7F'}) {
      std::string changed = whole;
      changed[at] = change;
      refused += Model::read(folder.write("model.onnx", changed)) ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(HostileFile, WithoutAGraphIsRefused) {
  ModelBuilder builder;
  expect_refused(builder.read(), ErrorCode::bad_input, "holds no graph");
}

TEST(HostileFile, LargerThanTheLimitIsRefusedBeforeItIsRead) {
  ModelBuilder builder;
  build_small_model(builder);
  expect_refused(builder.read({.file_bytes = 10}), ErrorCode::bad_input,
                 "more than the 10 B that are read");
}

TEST(HostileFile, OfMoreThanTwoGigabytesIsTakenForWhatItIs) {
  const TemporaryFolder folder;
  const auto file = folder.write("model.onnx", "");
  std::filesystem::resize_file(file, std::uintmax_t{3}
                                         << 30); // sparse: takes no space
  expect_refused(Model::read(file), ErrorCode::bad_input, "has 3.2 GB");
}

TEST(HostileFile, WithTooManyNodesIsRefused) {
  ModelBuilder builder;
  build_small_model(builder);
  EXPECT_TRUE(builder.read({.nodes = 1}));
  builder.node("Relu", {"y"}, {"z"});
  expect_refused(builder.read({.nodes = 1}), ErrorCode::bad_input,
                 "more than 1 nodes");
}

TEST(HostileFile, WithMillionsOfEmptyPartsIsRefusedBeforeTheyAreBuilt) {
  // A part takes two bytes in the file, and more than a hundred in memory.
  const auto with_length = [](char tag, const std::string &content) {
    std::string field(1, tag);
    std::size_t length = content.size();
    for (; length >= 0x80; length >>= 7U)
      field += static_cast<char>((length & 0x7FU) | 0x80U);
    return field + static_cast<char>(length) + content;
  };
  std::string initializers;
  for (int i = 0; i < 200'000; ++i)
    initializers += std::string("\x2A\x00", 2);
  const TemporaryFolder folder;
  expect_refused(
      Model::read(folder.write("model.onnx", with_length('\x3A', initializers)),
                  {.nodes = 1000}),
      ErrorCode::bad_input, "more than 17000 parts");
}

/// A graph inside a graph inside a graph …
void nest(::onnx::GraphProto &graph, int depth) {
  graph.add_node()->set_op_type("If");
  if (depth == 0)
    return;
  auto &attribute = *graph.mutable_node(0)->add_attribute();
  attribute.set_name("then_branch");
  nest(*attribute.mutable_g(), depth - 1);
}

TEST(HostileFile, NestedTooDeepIsRefused) {
  ModelBuilder builder;
  build_small_model(builder);
  auto &attribute = *builder.node("If", {"c"}, {"z"}).add_attribute();
  nest(*attribute.mutable_g(), 62);
  EXPECT_TRUE(builder.read());
  nest(*builder.node("If", {"c"}, {"q"}).add_attribute()->mutable_g(), 64);
  expect_refused(builder.read(), ErrorCode::bad_input,
                 "nests graphs deeper than 64");
}

TEST(HostileFile, WithTypesNestedTooDeepIsRefused) {
  ModelBuilder builder;
  build_small_model(builder);
  auto *type = builder.graph().mutable_input(0)->mutable_type();
  for (int i = 0; i < 150; ++i)
    type = type->mutable_sequence_type()->mutable_elem_type();
  expect_refused(builder.read(), ErrorCode::bad_input, "nests");
}

TEST(HostileTensor, WhoseDataDoesNotFitItsShapeIsRefused) {
  const auto refuse = [](auto &&change, const std::string &part) {
    ModelBuilder builder;
    build_small_model(builder);
    change(*builder.graph().mutable_initializer(0));
    expect_refused(builder.read(), ErrorCode::bad_input, part);
  };
  refuse([](auto &tensor) { tensor.set_raw_data("abc"); },
         "tensor 'w' holds 3 bytes where its shape needs 48");
  refuse([](auto &tensor) { tensor.clear_raw_data(); },
         "holds 0 values where its shape needs 12");
  refuse([](auto &tensor) { tensor.set_dims(0, -4); }, "negative or too large");
  refuse([](auto &tensor) { tensor.set_dims(0, std::int64_t{1} << 62); },
         "negative or too large");
  refuse([](auto &tensor) { tensor.set_dims(0, std::int64_t{1} << 58); },
         "too large");
  refuse([](auto &tensor) { tensor.set_data_type(77); },
         "does not know: number 77");
}

} // namespace
} // namespace podium::onnx
