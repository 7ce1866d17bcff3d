"""Why something is refused, and the one sentence that the person reads: what happened, and what to do."""

from enum import StrEnum


class Refusal(StrEnum):
    """The operator's word, in the log."""

    PLAIN = "plain"
    NOT_ENCRYPTED_AT_ALL = "not_encrypted_at_all"
    WORDS_BESIDE = "words_beside"
    NO_REACTION = "no_reaction"
    REASON = "reason"
    ENCRYPTION_FIXED = "encryption_fixed"
    PUBLIC = "public"
    WORLD_READABLE = "world_readable"
    PUBLISHED = "published"
    FEDERATED = "federated"
    BY_ADDRESS = "by_address"
    OUTSIDE_POLICY = "outside_policy"
    OUTSIDE_CALL = "outside_call"
    WIDGET = "widget"
    LOCATION = "location"
    UNKNOWN_STATE = "unknown_state"
    STATE_STAYS = "state_stays"
    ROOM_VERSION = "room_version"
    ALIAS = "alias"
    POWER = "power"
    UNIT_ROOM = "unit_room"
    DIRECT = "direct"
    MAY_NOT_CREATE_ROOM = "may_not_create_room"
    MAY_NOT_CREATE_SPACE = "may_not_create_space"
    GUEST_MAY_NOT_CREATE = "guest_may_not_create"
    GUEST_INVITES = "guest_invites"
    GUEST_UNINVITED = "guest_uninvited"
    NOT_IN_REGISTER = "not_in_register"
    OTHER_UNIT = "other_unit"
    STALE_REGISTER = "stale_register"
    MALFORMED = "malformed"
    UNCHECKED = "unchecked"


SENTENCES = {
    Refusal.PLAIN: "Phòng này chỉ nhận tin nhắn mã hóa đầu cuối. Hãy cập nhật Element rồi gửi lại.",
    Refusal.NOT_ENCRYPTED_AT_ALL: "Tin nhắn này chưa được mã hóa đúng cách. Hãy cập nhật Element rồi gửi lại.",
    Refusal.WORDS_BESIDE: "Ứng dụng gửi kèm nội dung không mã hóa. Hãy cập nhật Element rồi gửi lại.",
    Refusal.NO_REACTION: "Biểu cảm chỉ là một biểu tượng. Hãy chọn một biểu tượng, hoặc gửi thành tin nhắn.",
    Refusal.REASON: "Lý do thu hồi không được mã hóa nên không gửi được. Hãy để trống ô lý do rồi thu hồi lại.",
    Refusal.ENCRYPTION_FIXED: "Mã hoá đã bật thì không đổi và không tắt được. Phòng vẫn dùng bình thường.",
    Refusal.PUBLIC: "Phòng công khai do hệ thống lập riêng cho không gian chung. Hãy để phòng vào theo lời mời.",
    Refusal.WORLD_READABLE: "Người ngoài phòng không được đọc nội dung phòng. Hãy chọn chỉ thành viên được xem.",
    Refusal.PUBLISHED: "Không đưa phòng lên danh mục công khai được. Hãy mời từng người.",
    Refusal.FEDERATED: "Máy chủ này không liên kết với máy chủ khác. Chỉ mời được người có tài khoản ở đây.",
    Refusal.BY_ADDRESS: "Không mời qua thư điện tử hay số điện thoại được. Hãy mời bằng tài khoản của người đó.",
    Refusal.OUTSIDE_POLICY: "Phòng không giao cho máy chủ bên ngoài kiểm duyệt được. Hãy bỏ thiết lập này.",
    Refusal.OUTSIDE_CALL: "Cuộc gọi không đi qua máy chủ bên ngoài được. Hãy cập nhật Element rồi gọi lại.",
    Refusal.WIDGET: "Không gắn trang hay tiện ích vào phòng được. Hãy gửi liên kết trong tin nhắn.",
    Refusal.LOCATION: "Vị trí trực tiếp không được mã hóa nên không chia sẻ được. Hãy gửi địa chỉ trong tin nhắn.",
    Refusal.UNKNOWN_STATE: "Phòng không nhận thiết lập này, vì nó không được mã hóa. Hãy viết thành tin nhắn.",
    Refusal.STATE_STAYS: "Chỉ thu hồi được tin nhắn; tên phòng và thiết lập phòng thì không. Hãy đặt lại thiết lập đó.",
    Refusal.ROOM_VERSION: "Mọi phòng dùng phiên bản 11, không chọn bản khác và không nâng cấp. Hãy giữ phòng hiện có.",
    Refusal.ALIAS: "Địa chỉ phòng do hệ thống đặt. Hãy để trống ô địa chỉ.",
    Refusal.POWER: "Quyền trong phòng không vượt quá 100. Hãy chọn mức thấp hơn.",
    Refusal.UNIT_ROOM: (
        "Phòng của đơn vị theo danh sách cán bộ: thành viên, tên và quyền không đổi bằng tay được. "
        "Cần thay đổi, xin báo phòng tổ chức cán bộ của đơn vị."
    ),
    Refusal.DIRECT: "Tin nhắn riêng chỉ có hai người. Hãy lập nhóm mới để trò chuyện với nhiều người.",
    Refusal.MAY_NOT_CREATE_ROOM: "Chức vụ của anh/chị chưa được lập phòng. Xin nhờ lãnh đạo đơn vị lập giúp.",
    Refusal.MAY_NOT_CREATE_SPACE: "Chức vụ của anh/chị chưa được lập không gian. Xin nhờ lãnh đạo đơn vị lập giúp.",
    Refusal.GUEST_MAY_NOT_CREATE: "Tài khoản khách không lập phòng được. Xin nhờ đơn vị bảo lãnh lập và mời vào.",
    Refusal.GUEST_INVITES: "Tài khoản khách không mời người khác vào phòng được. Xin nhờ đơn vị bảo lãnh mời.",
    Refusal.GUEST_UNINVITED: "Tài khoản khách chỉ vào phòng được đơn vị bảo lãnh mời. Xin nhờ người của đơn vị đó mời.",
    Refusal.NOT_IN_REGISTER: (
        "Tài khoản này không có trong danh sách cán bộ đang làm việc. Xin liên hệ phòng tổ chức cán bộ của đơn vị."
    ),
    Refusal.OTHER_UNIT: (
        "Không gian này dành cho người của đơn vị. Nếu anh/chị thuộc đơn vị này, xin báo phòng tổ chức cán bộ."
    ),
    Refusal.STALE_REGISTER: (
        "Danh sách cán bộ trên máy chủ đang chờ cập nhật nên chưa lập hay vào phòng được. Xin thử lại sau."
    ),
    Refusal.MALFORMED: "Ứng dụng gửi yêu cầu sai dạng. Hãy cập nhật Element rồi thử lại.",
    Refusal.UNCHECKED: "Máy chủ chưa kiểm tra được yêu cầu này. Xin thử lại sau ít phút.",
}
