extern "C" __attribute__((visibility("default"))) int st_abi_version() noexcept { return 1; }
