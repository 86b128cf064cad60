"""The words that all stages speak: plan, change, finding, outcome, what is live, order between resources.

Frozen values and protocols. Nothing here decides, asks Coze, or knows another stage.
"""
