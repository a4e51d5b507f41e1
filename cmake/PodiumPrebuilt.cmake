# -DPODIUM_PREBUILT=FOLDER: nothing is built; what another build folder made is installed, a component at a time. So a wheel of a tree that was
# built already takes seconds: pip wheel . --config-settings=cmake.define.PODIUM_PREBUILT=$PWD/build/release
if(NOT EXISTS "${PODIUM_PREBUILT}/cmake_install.cmake")
  message(FATAL_ERROR "Podium: PODIUM_PREBUILT names '${PODIUM_PREBUILT}', which is no build folder of Podium: give one as an absolute path")
endif()
foreach(component python runtime Unspecified)
  set(command "\"${CMAKE_COMMAND}\" --install \"${PODIUM_PREBUILT}\" --prefix \"\${CMAKE_INSTALL_PREFIX}\" --component ${component}")
  install(CODE "execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
endforeach()
