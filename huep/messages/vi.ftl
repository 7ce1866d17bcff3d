audit-holds = Nhật ký còn nguyên vẹn: { $count } mục.
audit-head = Mã đầu chuỗi, hãy cất ở nơi khác máy này: { $head }
