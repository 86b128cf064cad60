"""Coze's own channels, by the names that manifests have for them."""

from __future__ import annotations

API = "1024"
"""The connector of the Open API: a custom channel is published together with it, or not at all."""
CHANNELS = {"api": API, "chat_sdk": "999"}
"""Those that the API publishes to and takes bots off."""
LEAVABLE = {
    "coze_store": "10000122",
    "wechat_customer_service": "10000113",
    "wechat_service_account": "10000120",
    "wechat_subscription_account": "10000121",
    "douyin_mini_program": "10000126",
    "wechat_mini_program": "10000127",
    "feishu": "10000011",
    "feishu_base": "10000128",
    "juejin": "10000117",
}
"""Those that only the console publishes to, and that the API takes bots off."""
OFFICIAL = CHANNELS | LEAVABLE
OFFICIAL_IDS = {id: name for name, id in OFFICIAL.items()}
