#include "model_builder.h"

namespace podium::onnx {
namespace {

/// The small model with its weight, 48 bytes, in another file.
class ExternalDataTest : public testing::Test {
protected:
  ExternalDataTest() {
    build_small_model(builder_);
    auto &weight = *builder_.graph().mutable_initializer(0);
    weight.clear_raw_data();
    weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  }
  void set(const std::string &key, const std::string &value) {
    auto &entry = *builder_.graph().mutable_initializer(0)->add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  void write_data(const std::filesystem::path &name, std::size_t bytes) {
    builder_.folder().write(name, std::string(bytes, 'x'));
  }

  ModelBuilder builder_;
};

TEST_F(ExternalDataTest, BesideTheModelIsTaken) {
  write_data("model.onnx.data", 148);
  set("location", "model.onnx.data");
  set("offset", "100");
  set("length", "48");
  const auto model = builder_.read();
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->parameters(), 12);
  EXPECT_THAT(model->data_files(), testing::ElementsAre("model.onnx.data"));
}

TEST_F(ExternalDataTest, InAFolderBelowIsTaken) {
  write_data("weights/a.bin", 48);
  set("location", "weights/a.bin");
  EXPECT_TRUE(builder_.read());
}

TEST_F(ExternalDataTest, BehindLinksOfAModelHubIsTaken) {
  write_data("data", 48);
  set("location", "model.data");
  const auto file = builder_.write();
  const TemporaryFolder snapshot;
  std::filesystem::create_symlink(file, snapshot.path() / "model.onnx");
  std::filesystem::create_symlink(builder_.folder().path() / "data",
                                  snapshot.path() / "model.data");
  const auto model = Model::read(snapshot.path() / "model.onnx");
  EXPECT_TRUE(model) << model.error().message;
}

TEST_F(ExternalDataTest, ThatIsMissingIsNamed) {
  set("location", "model.onnx.data");
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "data file 'model.onnx.data' is missing");
}

TEST_F(ExternalDataTest, WithoutALocationIsRefused) {
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "outside its own folder");
}

TEST_F(ExternalDataTest, OutsideTheFolderIsRefused) {
  for (const std::string &location :
       {std::string("/etc/passwd"), std::string("../secret"),
        std::string("a/../../secret"), std::string("a\0b", 3)}) {
    builder_.graph().mutable_initializer(0)->clear_external_data();
    set("location", location);
    expect_refused(builder_.read(), ErrorCode::bad_input,
                   "outside its own folder");
  }
}

TEST_F(ExternalDataTest, BehindALinkThatLeavesTheFolderIsRefused) {
  std::filesystem::create_symlink("/etc/passwd",
                                  builder_.folder().path() / "innocent");
  set("location", "innocent");
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "leaves the model's folder");
}

TEST_F(ExternalDataTest, ThatIsNoRegularFileIsRefused) {
  std::filesystem::create_directory(builder_.folder().path() / "folder");
  set("location", "folder");
  expect_refused(builder_.read(), ErrorCode::bad_input, "not a regular file");
}

TEST_F(ExternalDataTest, ThatEndsTooSoonIsRefused) {
  write_data("data", 40);
  set("location", "data");
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "has 40 bytes, but tensor 'w' takes 48 bytes from byte 0 on");
}

TEST_F(ExternalDataTest, WithNumbersThatOverflowIsRefused) {
  write_data("data", 48);
  set("location", "data");
  set("offset", "9223372036854775807");
  set("length", "48");
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "takes 48 bytes from byte 9223372036854775807 on");
}

TEST_F(ExternalDataTest, WithNumbersThatAreNoneIsRefused) {
  for (const char *offset : {"-1", "12x", "", "99999999999999999999"}) {
    builder_.graph().mutable_initializer(0)->clear_external_data();
    set("offset", offset);
    const auto model = builder_.read();
    ASSERT_FALSE(model);
    EXPECT_THAT(model.error().message,
                testing::HasSubstr("is no number of bytes"));
  }
}

TEST_F(ExternalDataTest, OfAnotherSizeThanTheTensorIsRefused) {
  write_data("data", 48);
  set("location", "data");
  set("length", "44");
  expect_refused(builder_.read(), ErrorCode::bad_input,
                 "needs 48 bytes, but its data file gives 44");
}

} // namespace
} // namespace podium::onnx
